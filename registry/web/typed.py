"""What was typed into a page left open too long is handed back, to be sent again."""

from flask import Response, make_response, render_template, request
from flask_login import current_user

from registry.web.origin import is_surely_ours

#: Never written into a page, whoever typed it.
SECRETS = ("password", "code", "token")


def handed_back(status: int) -> Response | None:
    """
    A page that holds every field just sent, with a fresh token.

    None where nothing was typed, or where it is not certain that a page of ours sent
    it: another site must not put words into a form of ours.
    """
    fields = _fields()
    if not fields or not is_surely_ours() or request.path.startswith("/api/"):
        return None
    page = render_template(
        "errors/send_again.html",
        fields=fields,
        action=request.full_path.rstrip("?"),
        had_files=any(file.filename for file in request.files.values()),
        is_signed_in=current_user.is_authenticated,
    )
    return make_response(page, status)


def _fields() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(secret in name.lower() for secret in SECRETS)
    ]

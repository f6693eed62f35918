"""Handing a kept file to a browser, so that it can do nothing there."""

from flask import Response

from registry.db import READS_ONLY, db
from registry.files.models import File

#: Even opened in a tab it runs nothing and has no origin (ASVS 3.2.1, 5.3).
SANDBOX = "default-src 'none'; sandbox"
ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


def write_while_reading() -> None:
    """Let this GET write: a download that is written down owns its transaction."""
    db.session.rollback()
    READS_ONLY.set(False)


def as_download(file: File, content: bytes) -> Response:
    """`content` of `file` as an attachment, never shown inside our pages."""
    return attachment(content, file.name, file.media_type)


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """Bytes as an attachment called `name`, with the ending of its kind."""
    response = Response(content, mimetype=media_type)
    ending = ENDINGS.get(media_type, "")
    plain = name if name.lower().endswith(ending) else f"{name}{ending}"
    response.headers.set("Content-Disposition", "attachment", filename=plain)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "no-store"
    return response

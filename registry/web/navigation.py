"""Where the frame of every page leads."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from registry.errors import N_

SITE = (
    (N_("Home"), "public.home"),
    (N_("Register"), "public.register"),
    (N_("Criteria"), "public.criteria"),
    (N_("Verify"), "public.verify"),
)
FOOT = (
    (N_("What it is"), "public.about"),
    (N_("The register in numbers"), "statistics.index"),
    (N_("For companies that buy"), "companies.about"),
    (N_("Privacy"), "legal.privacy"),
    (N_("Accessibility statement"), "legal.accessibility"),
    (N_("Service for programs (API)"), "public.api_guide"),
    (N_("Open data"), "dumps.index"),
    (N_("Receipts"), "receipts.index"),
)
DEMO_ROLES = (
    ("cooperative", N_("Cooperative")),
    ("secretariat", N_("Secretariat")),
    ("auditor", N_("Auditor")),
    ("committee", N_("Committee")),
    ("company", N_("Company")),
    ("administrator", N_("Administrator")),
    ("scheme_owner", N_("Scheme owner")),
)


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    current: bool


def links(wanted: tuple[tuple[str, str], ...]) -> list[Link]:
    """The pages of `wanted` that this installation has."""
    return [
        Link(label, url_for(endpoint), request.endpoint == endpoint)
        for label, endpoint in wanted
        if endpoint in current_app.view_functions
    ]


def href_if_any(endpoint: str) -> str:
    """The address of a page, or nothing where this installation has no such page."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def same_page(**changes: str | int) -> str:
    """The address of this page with `changes` in its path or its query.

    What else was asked stays as it came, and never passes for an argument of `url_for`.
    """
    endpoint, values = str(request.endpoint), dict(request.view_args or {})
    parts = {name for name in changes if _in_path(endpoint, name)}
    values.update({name: changes[name] for name in parts})
    query = [(k, v) for k, v in request.args.items(multi=True) if k not in changes]
    query += [(name, str(changes[name])) for name in changes if name not in parts]
    address = url_for(endpoint, **values)
    return f"{address}?{urlencode(query)}" if query else address


def _in_path(endpoint: str, name: str) -> bool:
    return current_app.url_map.is_endpoint_expecting(endpoint, name)


def signed_in_name() -> str:
    """The name of who is signed in; only signed-in pages ask."""
    return str(getattr(current_user, "name", "") or getattr(current_user, "email", ""))


def init_app(app: Flask) -> None:
    """Give the frame its links."""
    app.jinja_env.globals.update(
        site_nav=lambda: links(SITE),
        foot_nav=lambda: links(FOOT),
        home_href=lambda: href_if_any("public.home") or "/",
        href_if_any=href_if_any,
        demo_role_words=lambda: DEMO_ROLES,
        same_page=same_page,
        signed_in_name=signed_in_name,
    )

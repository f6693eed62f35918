"""Which language a page speaks: its address, then its reader, then the browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, has_app_context, request
from flask_babel import get_locale
from flask_login import current_user
from jinja2 import pass_context
from jinja2.runtime import Context

from registry.translations.elision import elided
from registry.web.navigation import same_page

LANGUAGES = {"it": "Italiano", "en": "English"}
DEFAULT = "it"


@dataclass(frozen=True)
class PageLanguage:
    """The same page in one language."""

    code: str
    name: str
    href: str
    current: bool


def choose() -> str:
    """The two-letter code for this request; Flask-Babel's locale selector."""
    if not request:
        return DEFAULT
    if "lang" not in g:
        g.lang = _of_path() or _of_reader() or _of_browser()
    return str(g.lang)


def page_language() -> str:
    """The language the page is being written in, also inside `force_locale`."""
    # Where flask_babel keeps it: asking it each time is a sixth of a page's time.
    kept = getattr(g, "_flask_babel", None) if has_app_context() else None
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return str(locale.language) if locale else DEFAULT


def page_languages() -> list[PageLanguage]:
    """This page in each language; empty where the address says none."""
    if request.endpoint is None or not _chooses_by_address():
        return []
    return [
        PageLanguage(code, name, same_page(lang=code), code == page_language())
        for code, name in LANGUAGES.items()
    ]


def init_app(app: Flask) -> None:
    """Fill `g.lang` from the address and `lang` into every address built."""
    app.url_defaults(_fill_address)
    app.after_request(_tell)
    app.jinja_env.globals.update(
        page_language=page_language, page_languages=page_languages
    )
    words: dict[str, Any] = app.jinja_env.globals
    words["ngettext"] = _well_spoken(words["ngettext"])
    words["gettext"] = words["_"] = _remembered(_well_spoken(words["gettext"]))


def _well_spoken(translate: Callable[..., str]) -> Callable[..., str]:
    """The same translation, its articles elided where Italian does."""

    @pass_context
    def spoken(context: Context, *given: Any, **values: Any) -> str:
        said = translate(context, *given, **values)
        return type(said)(elided(said)) if page_language() == "it" else said

    return spoken


def _remembered(translate: Callable[..., str]) -> Callable[..., str]:
    """The same translation, looked up once where nothing is put into it."""
    known: dict[tuple[str, bool, str], str] = {}

    @pass_context
    def told(context: Context, text: str, **values: Any) -> str:
        if values:
            return translate(context, text, **values)
        key = (page_language(), bool(context.eval_ctx.autoescape), text)
        said = known.get(key)
        if said is None:
            said = known[key] = translate(context, text)
        return said

    return told


def _chooses_by_address() -> bool:
    return bool(request.view_args and "lang" in request.view_args) or bool(
        request.url_rule and _is_negotiated()
    )


def _is_negotiated() -> bool:
    """A page open to everyone whose address names no language: `/c/…`, `/verify`."""
    view = current_app.view_functions.get(str(request.endpoint))
    open_to = getattr(view, "open_to", None)
    return open_to is not None and not open_to


def _of_path() -> str | None:
    """The language an address begins with, even where no page is found."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else None


def _fill_address(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" not in values and current_app.url_map.is_endpoint_expecting(
        endpoint, "lang"
    ):
        values["lang"] = choose()


def _of_reader() -> str | None:
    """The signed-in reader's language; public pages do not ask who reads."""
    view = current_app.view_functions.get(str(request.endpoint))
    if not getattr(view, "open_to", None):
        return None
    language = getattr(current_user, "language", None)
    return language if language in LANGUAGES else None


def _of_browser() -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    g.negotiated = True
    return request.accept_languages.best_match(LANGUAGES, DEFAULT) or DEFAULT


def _tell(response: Response) -> Response:
    if response.mimetype in ("text/html", "application/problem+json") and "lang" in g:
        response.headers.setdefault("Content-Language", g.lang)
    if "negotiated" in g:
        response.vary.add("Accept-Language")
    return response

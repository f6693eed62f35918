"""The legal identity of a holder as its page shows it: the organisation, no persons."""

from flask_babel import gettext
from markupsafe import Markup

from registry.organisations.models import Organisation
from registry.organisations.rules import ateco_title
from registry.web.filters import vat


def of(organisation: Organisation) -> list[tuple[str, str]]:
    """Labels and values; what is not known is left out."""
    place = f"{organisation.town} ({organisation.province})"
    seat = f"{organisation.address}, {place}" if organisation.address else place
    told = [
        (gettext("Partita IVA"), vat(organisation.vat) if organisation.vat else ""),
        (gettext("Codice fiscale"), organisation.tax_code or organisation.vat or ""),
        (gettext("Albo number"), organisation.albo or ""),
        (gettext("REA"), organisation.rea or ""),
        (gettext("Registered seat"), seat),
        (gettext("Website"), _link(organisation.website)),
    ]
    return [(str(label), value) for label, value in told if value]


def activities(organisation: Organisation) -> list[tuple[str, str]]:
    """ATECO codes with their words, which ISTAT gives in Italian."""
    return [(row.code, ateco_title(row.code)) for row in organisation.ateco]


def _link(website: str | None) -> str:
    if not website:
        return ""
    shown = website.partition("://")[2].rstrip("/")
    link = Markup('<a href="{0}" rel="nofollow noopener external">{1}</a>')
    return link.format(website, shown)

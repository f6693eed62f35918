"""The papers of the demo world: one honest page for each kind of evidence."""

import datetime as dt
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from markupsafe import Markup

from registry.clock import add_months
from registry.criteria.asked import serves_until
from registry.criteria.edition import Edition
from registry.demo.cast import Cooperative
from registry.paper import Paper

STYLE = """
@page { size: A4; margin: 28mm 24mm 24mm }
body { font-family: "Source Sans 3"; font-size: 11.5pt; line-height: 1.5;
  color: #22302a }
h1 { font-family: "Fraunces"; font-weight: 600; font-size: 24pt; line-height: 1.2 }
.stamp { border: 1.5pt solid #b4532a; color: #8c3f1f; padding: 3mm 5mm;
  margin: 0 0 12mm }
dl { margin: 10mm 0 } dt { color: #5c6b63; font-size: 9.5pt } dd { margin: 0 0 4mm }
.rule { border-top: .6pt solid #b9c4bc; margin: 7mm 0 }
"""
PAGE = Markup("""<html lang="it"><head><title>{label}</title></head>
<body>
<p class="stamp">Documento dimostrativo, senza valore</p>
<h1>{label}</h1>
<p>Questo foglio sta al posto del documento che una cooperativa caricherebbe davvero.
Fa parte del mondo dimostrativo del registro: tutto ciò che vi compare è inventato.</p>
<dl><dt>Che cosa mostrerebbe</dt><dd>{shows}</dd>
<dt>Riservatezza</dt><dd>{privacy}</dd></dl>
<div class="rule"></div>
<p>Nel documento vero i nomi delle persone sono oscurati: contano i numeri
e le date.</p>
</body></html>""")
NO_PAPER = """<html lang="it"><head><title>Nessun certificato</title>
</head><body><p class="stamp">Riga dimostrativa, senza valore</p>
<h1>Nessun certificato</h1><p>Questa riga serve a provare la velocità del registro: non
c’è un’organizzazione, né un certificato.</p></body></html>"""
NOTHING_PERSONAL = "Nessun dato personale."
MADE_AT = datetime(2023, 1, 2, 9, tzinfo=UTC)


def no_paper(paper: Paper) -> bytes:
    """A page that says that there is no certificate behind it."""
    return paper.print(NO_PAPER, STYLE, {}, title="Nessun certificato", created=MADE_AT)


class Papers:
    """Makes the page of a kind of evidence once, then gives the same bytes."""

    def __init__(self, edition: Edition, paper: Paper) -> None:
        self.edition = edition
        self.paper = paper
        self.of = cache(self._print)

    def _print(self, kind: str) -> bytes:
        about = self.edition.evidence[kind]
        label = about.label.in_("it")
        privacy = about.personal_data
        page = PAGE.format(
            label=label,
            shows=about.shows.in_("it"),
            privacy=privacy.in_("it") if privacy else NOTHING_PERSONAL,
        )
        title = f"{label} (documento dimostrativo)"
        return self.paper.print(page, STYLE, {}, title=title, created=MADE_AT)


def dates(
    who: Cooperative,
    edition: Edition,
    kind: str,
    given: Mapping[str, Any],
    on: dt.date,
) -> dict[str, dt.date | None]:
    """The days written on a document of `kind`, in keeping with the answers given."""
    issued = _issued_on(kind, given) or on - dt.timedelta(days=8 + who.number % 9)
    year_end = given.get("financial_year_end")
    yearly = kind in {"assembly_extract", "assembly_notice"} and year_end is not None
    return {
        "issued_on": issued,
        "period_from": add_months(year_end, -12) + dt.timedelta(days=1)
        if year_end and yearly
        else None,
        "period_until": year_end if yearly else None,
        "expires_on": _expires_on(kind, given)
        or serves_until(edition.evidence[kind], issued, given),
    }


def _issued_on(kind: str, given: Mapping[str, Any]) -> dt.date | None:
    named = {
        "register_extract": "register_extract_on",
        "revision_paper": "revision_paper_on",
        "cure_report": "cure_check_on",
        "substitute_declaration": "substitute_declaration_on",
    }
    if kind in {"quality_certificate", "quality_engagement"}:
        began: dt.date = given["quality_paths"][0]["started_on"]
        return add_months(began, 16) if kind == "quality_certificate" else began
    return given.get(named.get(kind, ""))


def _expires_on(kind: str, given: Mapping[str, Any]) -> dt.date | None:
    if kind != "quality_certificate":
        return None
    expires: dt.date | None = given["quality_paths"][0].get("expires_on")
    return expires

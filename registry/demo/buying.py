"""The lists that the company of the demo world has handed in, one in each state."""

import io

import xlsxwriter

from registry.demo.acts import Stage
from registry.demo.cast import cooperatives, invented_vat
from registry.demo.people import COMPANY
from registry.organisations.queries import spoken_for_by
from registry.services import services
from registry.suppliers import operations, reading, work
from registry.suppliers.operations import Wishes
from registry.suppliers.vault import the_vault

SUPPLIERS = 30
#: Invented; companies that no register of cooperatives knows.
OTHERS = (
    "Ferramenta Colleoni S.r.l.",
    "Trasporti Valsesia S.p.A.",
    "Carta e Penna snc",
)
Row = list[str]


def hand_in_lists(stage: Stage) -> None:
    """One is done, of one the names are asked, of one the columns."""
    _hand_in(stage, "Fornitori 2026.xlsx", _suppliers())
    _hand_in(stage, "Gara pulizie.xlsx", _tender())
    _hand_in(stage, "Estrazione gestionale.xlsx", _unnamed())


def _hand_in(stage: Stage, name: str, rows: list[Row]) -> None:
    buyer = stage.user(COMPANY.email)
    (company,) = spoken_for_by(buyer)
    content = _workbook(rows)
    made = operations.hand_in(
        company,
        content,
        name,
        reading.read(content, services().settings.list_rows),
        Wishes("it"),
        by=buyer,
        at=stage.at,
        vault=the_vault(),
    )
    work.check(made.id, stage.at)


def _suppliers() -> list[Row]:
    """Cooperatives of the cast, others, a slip in a number."""
    cast = [[str(one.number), one.name, one.vat] for one in cooperatives()[:SUPPLIERS]]
    others = [
        [str(900 + n), name, invented_vat(99100 + n)] for n, name in enumerate(OTHERS)
    ]
    wrong = cast[1][2][:-1] + str((int(cast[1][2][-1]) + 1) % 10)
    return [
        ["Elenco fornitori qualificati"],
        [],
        ["Codice", "Ragione sociale", "P.IVA"],
        *cast,
        *others,
        ["999", "Codice da correggere", wrong],
    ]


def _tender() -> list[Row]:
    """Names without numbers, one of them written with a slip."""
    first, second = cooperatives()[:2]
    slip = first.name[:4] + first.name[5:]
    return [
        ["Concorrente", "Comune", "Prov."],
        [slip, first.town, first.province],
        [second.name, second.town, second.province],
        [OTHERS[0], "Bergamo", "BG"],
    ]


def _unnamed() -> list[Row]:
    """What a program of the company puts out: nobody knows its headers."""
    names = [one.name for one in cooperatives()[5:11]]
    return [["F1", "F2", "F3"], *([str(n), name, "A"] for n, name in enumerate(names))]


def _workbook(rows: list[Row]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Foglio1")
    sheet.set_column(1, 1, 40)
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()

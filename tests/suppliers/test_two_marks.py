"""A list asks about one mark, and its file, receipt and report say which."""

from typing import Any

import pytest

from registry.criteria.reader import Editions
from registry.suppliers import queries
from registry.suppliers.vault import the_vault
from tests.second_scheme import OTHER, published, two_marks
from tests.suppliers.companies import check, company, csv, hand_in, rows
from tests.verification.registers import NOW, Past


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    return published(tmp_path_factory.mktemp("two"))


@pytest.fixture
def supplier(app: Any, db: Any) -> Past:
    made = two_marks()
    db.session.commit()
    return made


@pytest.mark.parametrize(
    ("scheme", "mark", "status", "place"),
    [("impact", "Impact", "Revocato", 0), (OTHER, "Impresa solidale", "Valido", 1)],
)
def test_a_list_is_answered_about_the_mark_it_asks_about(
    supplier: Past, scheme: str, mark: str, status: str, place: int
) -> None:
    others = supplier.papers[1 - place][0].number
    content = csv(
        [["P.IVA", "Certificato"], [str(supplier.holder.vat), ""], ["", others]]
    )
    of = hand_in(company(), content, at=NOW, scheme=scheme)
    check(of, NOW)
    vault = the_vault()
    header, told, other = rows(queries.content(of, "result", vault) or b"")
    assert f"{mark} – stato" in header
    assert all(column.startswith(f"{mark} – ") for column in header[2:])
    assert (told[2], told[4]) == (status, supplier.papers[place][0].number)
    assert other[2] == "Mai certificata"
    (receipt,) = queries.contents(of, "receipt", vault)
    assert receipt["payload"]["asked"]["scheme"] == scheme


def test_programs_get_the_scheme_in_a_column_of_its_own(supplier: Past) -> None:
    line = f'{{"vat": "{supplier.holder.vat}"}}\n'.encode()
    of = hand_in(company(), line, at=NOW, scheme=OTHER)
    check(of, NOW)
    result = (queries.content(of, "result", the_vault()) or b"").decode()
    assert f'"scheme": "{OTHER}"' in result or f'"scheme":"{OTHER}"' in result
    assert "valid" in result

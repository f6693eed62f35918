"""The pages of a company: handing in, columns, names, what comes back; for it alone."""

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.models import Role, User
from registry.mail.models import Letter
from registry.suppliers import jobs, queries, rules
from registry.suppliers.models import ListState, SupplierList
from registry.suppliers.vault import the_vault
from tests import factories
from tests.suppliers import companies, hostile
from tests.suppliers.companies import check, company, csv, hand_in, xlsx

S = ListState
SignIn = Callable[[User], FlaskClient]


def send(client: FlaskClient, content: bytes, name: str = "fornitori.csv") -> Any:
    form = {"file": (io.BytesIO(content), name), "threshold": "85", "on": ""}
    return client.post("/suppliers", data=form, content_type="multipart/form-data")


def the_list(db: Any) -> SupplierList:
    return db.session.query(SupplierList).order_by(SupplierList.id.desc()).first()


def alike(name: str) -> str:
    return name.replace("Melograno", "Melogrno")


def test_a_short_list_is_checked_while_the_company_waits(
    app: Flask, db: Any, sign_in: SignIn
) -> None:
    holder = factories.certified().organisation
    client = sign_in(companies.buyer(company()))
    answer = send(
        client, xlsx([["Nome", "P.IVA"], [holder.name, holder.vat]]), "a.xlsx"
    )
    assert answer.status_code == 302
    page = client.get(answer.location)
    assert "1 righe su 1" in page.text
    assert "a.xlsx" in page.text
    assert "Refresh" not in page.headers
    file = client.get(f"{answer.location}/result")
    assert file.mimetype.endswith("spreadsheetml.sheet")
    assert "a 2026-03-02.xlsx" in file.headers["Content-Disposition"]
    assert file.headers["Cache-Control"] == "no-store"
    assert file.data.startswith(b"PK")


def test_the_report_and_the_receipt_come_as_pdf(
    app: Flask, db: Any, sign_in: SignIn
) -> None:
    holder = factories.certified().organisation
    client = sign_in(companies.buyer(company()))
    where = send(client, csv([["P.IVA"], [str(holder.vat)], ["123"]])).location
    report = client.get(f"{where}/report.pdf")
    assert report.mimetype == "application/pdf"
    page = pypdfium2.PdfDocument(report.data)[0]
    text = page.get_textpage().get_text_bounded()
    assert "Relazione su un elenco fornitori" in text
    assert "Acquisti Riuniti S.p.A." in text
    assert "Numero errato" in text
    drawn = {colour for _, colour in page.render().to_pil().getcolors(1 << 16)}
    assert {(0x2F, 0x7D, 0x62), (0xC8, 0x90, 0x2B)} <= drawn  # a bar for each status
    receipt = client.get(f"{where}/receipt.pdf")
    assert receipt.data.startswith(b"%PDF")


def test_a_long_list_shows_its_progress_and_a_letter_tells_when_it_is_ready(
    app: Flask, db: Any, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "AT_ONCE_ROWS", 1)
    client = sign_in(companies.buyer(company()))
    where = send(client, csv([["P.IVA"], [factories.vat()]])).location
    page = client.get(where)
    assert page.headers["Refresh"]
    assert "<progress" in page.text
    jobs.check_waiting(factories.LONG_AGO)
    assert "Refresh" not in client.get(where).headers
    letter = db.session.query(Letter).filter_by(event="suppliers/list").one()
    assert letter.subject == "Il Suo elenco fornitori è verificato"
    assert f"base:{where}" in str(letter.body)


@pytest.mark.parametrize(
    "name", ["a workbook with Visual Basic", "a billion laughs", "nothing"]
)
def test_a_hostile_file_is_refused_in_words_at_its_field(
    app: Flask, db: Any, sign_in: SignIn, name: str
) -> None:
    client = sign_in(companies.buyer(company()))
    page = send(client, hostile.content(name))
    assert page.status_code == 422
    assert 'href="#file"' in page.text
    assert db.session.query(SupplierList).count() == 0


def test_a_form_without_a_file_is_refused(app: Flask, db: Any, sign_in: SignIn) -> None:
    client = sign_in(companies.buyer(company()))
    assert client.post("/suppliers", data={"threshold": "85"}).status_code == 422


def test_a_day_in_the_future_is_refused(app: Flask, db: Any, sign_in: SignIn) -> None:
    client = sign_in(companies.buyer(company()))
    form = {"file": (io.BytesIO(b"P.IVA"), "a.csv"), "threshold": "85"}
    page = client.post("/suppliers", data={**form, "on": "2026-03-03"})
    assert page.status_code == 422
    assert "per oggi e per il passato" in page.text


def test_columns_are_named_on_a_page_that_shows_the_beginning_of_the_file(
    app: Flask, db: Any, sign_in: SignIn
) -> None:
    holder = factories.certified().organisation
    client = sign_in(companies.buyer(company()))
    rows = [["Feld A", "Feld B"], ["x", holder.name], ["y", "Ferramenta Brambilla"]]
    where = send(client, csv(rows)).location
    assert "/columns" in client.get(where).text
    page = client.get(f"{where}/columns")
    assert "B · Feld B" in page.text
    assert "Ferramenta Brambilla" in page.text
    assert (
        client.post(f"{where}/columns", data={"vat": "", "name": ""}).status_code == 422
    )
    assert client.post(f"{where}/columns", data={"name": "1"}).status_code == 302
    assert the_list(db).state is S.DONE
    assert send(client, csv(rows)).location != where
    assert the_list(db).state is S.DONE


def test_names_are_confirmed_on_a_page(app: Flask, db: Any, sign_in: SignIn) -> None:
    holder = factories.certified().organisation
    client = sign_in(companies.buyer(company()))
    rows = [["Fornitore", "Comune"], [alike(holder.name), "Stezzano"]]
    where = send(client, csv(rows)).location
    assert "/names" in client.get(where).text
    page = client.get(f"{where}/names")
    assert holder.name in page.text
    assert alike(holder.name) in page.text
    assert "optional" not in page.text  # the page says so once
    field = page.text.split('name="name-')[1].split('"')[0]
    wrong = client.post(f"{where}/names", data={f"name-{field}": "999999"})
    assert wrong.status_code == 422
    assert client.post(f"{where}/names", data={}).status_code == 302
    assert the_list(db).state is S.CONFIRMING
    client.post(f"{where}/names", data={f"name-{field}": str(holder.id)})
    assert the_list(db).state is S.DONE
    assert the_list(db).counts["valid"] == 1


def test_a_list_is_erased_at_once_on_request(
    app: Flask, db: Any, sign_in: SignIn
) -> None:
    client = sign_in(companies.buyer(company()))
    where = send(client, csv([["P.IVA"], [factories.vat()]])).location
    assert client.post(f"{where}/erase").status_code == 302
    page = client.get(where)
    assert "non è conservato più nulla" in page.text
    assert "fornitori.csv" not in page.text
    for part in ("result", "report.pdf", "receipt.pdf", "columns", "names"):
        assert client.get(f"{where}/{part}").status_code == 404


def test_nobody_else_learns_that_a_list_exists(
    app: Flask, db: Any, sign_in: SignIn
) -> None:
    of = hand_in(company(), csv([["P.IVA"], [factories.vat()]]))
    check(of)
    paths = [f"/suppliers/{of.id}{part}" for part in ("", "/result", "/report.pdf")]
    other = sign_in(companies.buyer(company("Altri Acquisti S.r.l.")))
    unknown = other.get("/suppliers/999999").text
    for path in paths:
        page = other.get(path)
        assert page.status_code == 404
        assert page.text == unknown
    assert paths[0] not in other.get("/suppliers").text
    assert other.post(f"/suppliers/{of.id}/erase").status_code == 404


@pytest.mark.parametrize(
    "role", [one for one in Role if one not in (Role.COMPANY, Role.REGISTRY)]
)
def test_no_staff_opens_a_list(
    app: Flask, db: Any, sign_in: SignIn, role: Role
) -> None:
    of = hand_in(company(), csv([["P.IVA"], [factories.vat()]]))
    client = sign_in(factories.person(role))
    for part in ("", "/result", "/report.pdf", "/receipt.pdf", "/columns", "/names"):
        assert client.get(f"/suppliers/{of.id}{part}").status_code in (403, 404)
    # even with the role of a company
    both = sign_in(factories.person(role, Role.COMPANY))
    assert both.get(f"/suppliers/{of.id}").status_code == 404


def test_who_no_longer_speaks_for_the_company_sees_nothing(
    app: Flask, db: Any, sign_in: SignIn
) -> None:
    mine = company()
    buyer = companies.buyer(mine)
    of = hand_in(mine, csv([["P.IVA"], [factories.vat()]]))
    mine.representations[0].ended_at = factories.LONG_AGO
    assert sign_in(buyer).get(f"/suppliers/{of.id}").status_code == 404


def test_a_formula_in_a_name_stays_a_text(app: Flask, db: Any) -> None:
    holder = factories.certified(
        factories.organisation(name="=1+1 Cooperativa Sociale")
    ).organisation
    of = hand_in(company(), csv([["P.IVA"], [str(holder.vat)]]))
    check(of)
    back = companies.rows(queries.content(of, "result", the_vault()) or b"")
    assert back[1][6] == "'=1+1 Cooperativa Sociale"

"""Programs hand whole files in, with a key, and fetch them with their answers."""

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.keys import operations as keys
from registry.keys.models import Scope
from registry.organisations.models import Organisation
from registry.suppliers import jobs, rules
from registry.suppliers.models import ListState, SupplierList
from tests import factories
from tests.suppliers import companies, hostile
from tests.suppliers.companies import company, csv, xlsx

S = ListState
JOBS = "/api/v1/jobs"


def key(of: Organisation, *scopes: Scope) -> dict[str, str]:
    """The header of a key of a company."""
    _, secret = keys.create(
        of,
        "ERP",
        [one.value for one in scopes or (Scope.JOBS,)],
        by=companies.buyer(of),
        at=factories.LONG_AGO,
    )
    return {"Authorization": f"Bearer {secret}"}


def send(
    client: FlaskClient, headers: dict[str, str], content: bytes, query: str = ""
) -> Any:
    return client.post(f"{JOBS}{query}", data=content, headers=headers)


def test_a_file_goes_in_and_comes_back_with_its_answers(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    holder = factories.certified().organisation
    mine = key(company())
    answer = send(client, mine, csv([["P.IVA"], [str(holder.vat)]]), "?language=en")
    assert answer.status_code == 202
    job = answer.json
    assert (job["state"], job["rows"], job["counts"]) == ("done", 2, {"valid": 1})
    assert answer.headers["Location"] == job["links"]["self"]
    shown = client.get(f"{JOBS}/{job['id']}", headers=mine)
    assert shown.json == job
    file = client.get(f"{JOBS}/{job['id']}/result", headers=mine)
    assert file.mimetype == "text/csv"
    assert companies.rows(file.data)[1][1] == "Valid"


def test_json_lines_come_back_with_codes(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    holder = factories.certified().organisation
    mine = key(company())
    lines = [{"ref": "a", "vat": holder.vat}, {"ref": "b", "vat": factories.vat()}]
    content = "\n".join(map(json.dumps, lines)).encode()
    job = send(client, mine, content).json
    file = client.get(f"{JOBS}/{job['id']}/result", headers=mine)
    assert file.mimetype == "application/jsonl"
    first, second = map(json.loads, file.data.splitlines())
    assert first["ref"] == "a"
    assert first["registry"]["status"] == "valid"
    assert first["registry"]["legal_name"] == holder.name
    assert second["registry"]["status"] == "never_certified"


def test_a_form_with_a_workbook_serves_too(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    form = {"file": (io.BytesIO(xlsx([["P.IVA"], [factories.vat()]])), "a.xlsx")}
    answer = client.post(JOBS, data=form, headers=key(company()))
    assert answer.json["format"] == "xlsx"
    assert answer.json["counts"] == {"never_certified": 1}


def test_a_long_file_is_left_to_the_job(
    app: Flask, db: Any, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "AT_ONCE_ROWS", 1)
    mine = key(company())
    answer = send(client, mine, csv([["P.IVA"], [factories.vat()]]))
    assert answer.json["state"] == "uploaded"
    assert answer.headers["Retry-After"]
    path = f"{JOBS}/{answer.json['id']}"
    early = client.get(f"{path}/result", headers=mine)
    assert (early.status_code, early.json["code"]) == (409, "not_done")
    jobs.check_waiting(factories.LONG_AGO)
    assert client.get(path, headers=mine).json["state"] == "done"


def test_the_same_key_of_a_call_makes_no_second_job(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    mine = {**key(company()), "Idempotency-Key": "lista-2026-03"}
    content = csv([["P.IVA"], [factories.vat()]])
    first, second = send(client, mine, content), send(client, mine, content)
    assert first.json["id"] == second.json["id"]
    other = send(client, mine, content + b"\r\n")
    assert (other.status_code, other.json["code"]) == (409, "key_used_before")


def test_names_that_are_alike_come_back_so_or_wait_for_a_person(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    name = factories.certified().organisation.name.replace("Melograno", "Melogrno")
    mine = key(company())
    left = send(client, mine, csv([["Fornitore"], [name]]))
    assert left.json["counts"] == {"to_confirm": 1}
    asked = send(client, mine, csv([["Fornitore"], [name]]), "?names=ask")
    assert (asked.json["state"], asked.json["names_to_confirm"]) == ("confirming", 1)


def test_columns_can_be_told_beforehand(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    mine = key(company())
    content = csv([["Feld A", "Feld B"], ["x", "Ferramenta Brambilla"]])
    assert send(client, mine, content).json["state"] == "asking"
    told = send(client, mine, content, "?columns=name:2")
    assert told.json["counts"] == {"not_found": 1}
    wrong = send(client, mine, content, "?columns=name:9")
    assert (wrong.status_code, wrong.json["code"]) == (422, "no_column")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?on=2026-03-03", "date_in_future"),
        ("?on=heute", "bad_date"),
        ("?min_score=3", "bad_threshold"),
        ("?language=de", "bad_parameter"),
        ("?names=maybe", "bad_parameter"),
        ("?other=1", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_has_its_code(
    app: Flask, db: Any, client: FlaskClient, query: str, code: str
) -> None:
    answer = send(client, key(company()), csv([["P.IVA"], [factories.vat()]]), query)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert db.session.query(SupplierList).count() == 0


def test_a_hostile_file_has_the_code_of_its_rule(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    mine = key(company())
    for name in ("a workbook with Visual Basic", "nothing", "a picture called xlsx"):
        answer = send(client, mine, hostile.content(name))
        assert answer.status_code == 422
        assert answer.json["code"] == f"file_{hostile.FILES[name][0]}"
    large = send(client, mine, b"a;b\n" * 3_000_000)
    assert large.status_code == 413


def test_without_a_key_of_that_scope_nothing_opens(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    content = csv([["P.IVA"], [factories.vat()]])
    assert send(client, {}, content).status_code == 401
    assert send(client, {"Authorization": "Bearer x"}, content).status_code == 401
    verify = key(company(), Scope.VERIFY)
    assert send(client, verify, content).json["code"] == "scope_missing"


def test_another_company_does_not_learn_of_a_job(
    app: Flask, db: Any, client: FlaskClient
) -> None:
    job = send(client, key(company()), csv([["P.IVA"], [factories.vat()]])).json["id"]
    other = key(company("Altri S.r.l."))
    for path in (f"{JOBS}/{job}", f"{JOBS}/{job}/result"):
        assert client.get(path, headers=other).status_code == 404
    assert client.delete(f"{JOBS}/{job}", headers=other).status_code == 404


def test_a_job_is_erased_on_request(app: Flask, db: Any, client: FlaskClient) -> None:
    mine = key(company())
    job = send(client, mine, csv([["P.IVA"], [factories.vat()]])).json["id"]
    assert client.delete(f"{JOBS}/{job}", headers=mine).status_code == 204
    assert client.delete(f"{JOBS}/{job}", headers=mine).status_code == 204
    assert client.get(f"{JOBS}/{job}", headers=mine).json["state"] == "erased"
    assert client.get(f"{JOBS}/{job}/result", headers=mine).status_code == 409


def test_two_jobs_at_a_time(
    app: Flask, db: Any, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "AT_ONCE_ROWS", 0)
    mine, content = key(company()), csv([["P.IVA"], [factories.vat()]])
    assert send(client, mine, content).status_code == 202
    assert send(client, mine, content).status_code == 202
    third = send(client, mine, content)
    assert (third.status_code, third.json["code"]) == (409, "too_many_at_once")

"""A receipt proves what was asked and answered, and the register keeps none of it."""

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, text

from registry.receipts import lists, numbers, queries
from registry.receipts.checking import Verdict, check
from registry.receipts.models import Receipt
from registry.receipts.operations import for_list
from registry.receipts.queries import fingerprint_of
from registry.receipts.rules import KIND
from registry.services import services
from registry.signing import NotOurs
from tests import factories


@pytest.fixture
def certificate(app: Flask) -> Any:
    return factories.certified()


@pytest.fixture
def jwt(client: FlaskClient, certificate: Any) -> str:
    return _asked(client, certificate=certificate.number, format="jwt").text


def _asked(client: FlaskClient, **question: str) -> Any:
    answer = client.post("/receipts", data=question)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_receipt_says_what_was_asked_and_what_was_answered(
    jwt: str, certificate: Any
) -> None:
    said = services().signer.read(jwt, KIND)
    assert said["asked"] == {
        "certificate": certificate.number,
        "on": "2026-03-02",
        "known_at": said["issued_at"],
        "scheme": "impact",
    }
    assert said["answered"]["status"] == "valid"
    assert said["answered"]["certificate"]["edition"] == certificate.edition
    assert said["answered"]["certificate"]["edition_digest"]
    assert said["register"]["last_event"] == certificate.events[-1].id


def test_of_a_receipt_the_database_holds_nothing_but_number_mark_and_time(
    app: Flask, db: Any, jwt: str
) -> None:
    columns = {one["name"] for one in inspect(db.engine).get_columns("receipts")}
    assert columns == {"id", "number", "fingerprint", "issued_at", "organisation_id"}


def test_two_receipts_of_the_same_question_have_nothing_in_common(
    client: FlaskClient, db: Any, jwt: str, certificate: Any
) -> None:
    _asked(client, certificate=certificate.number)
    one, other = db.session.query(Receipt).order_by(Receipt.id)
    assert one.fingerprint != other.fingerprint
    assert one.number != other.number


def test_receipts_are_never_changed_nor_deleted(db: Any, jwt: str) -> None:
    for act in ("UPDATE receipts SET number = 'x'", "DELETE FROM receipts"):
        with pytest.raises(Exception, match="append-only"):
            db.session.execute(text(act))
        db.session.rollback()


def test_a_receipt_holds_a_year_later_and_after_the_key_was_renewed(
    client: FlaskClient, clock: Any, jwt: str
) -> None:
    clock.tick(days=366)
    services().signer.renew(services().today())
    found = check(jwt.encode(), services().signer, fingerprint_of)
    assert found.verdict is Verdict.GENUINE
    page = _dropped(client, jwt.encode())
    assert "Una ricevuta autentica" in page


def test_a_receipt_is_checked_without_the_register_with_its_published_keys(
    app: Flask, jwt: str, tmp_path: Path
) -> None:
    receipt, keys = tmp_path / "receipt.jwt", tmp_path / "jwks.json"
    receipt.write_text(jwt)
    keys.write_text(json.dumps(services().signer.jwks()))
    from registry.receipts.commands import receipts_cli

    run = app.test_cli_runner(catch_exceptions=False).invoke
    done = run(receipts_cli, ["verify", str(receipt), "--jwks", str(keys)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("signed")
    done = run(receipts_cli, ["verify", str(receipt), "--register"])
    assert done.output.startswith("genuine")
    receipt.write_text(jwt[:-8] + "AAAAAAAA")
    assert run(receipts_cli, ["verify", str(receipt)]).exit_code == 1


def test_the_one_command_for_files_knows_receipts_too(
    app: Flask, jwt: str, tmp_path: Path
) -> None:
    from registry.cli import cli

    receipt, other = tmp_path / "receipt.jwt", tmp_path / "other.txt"
    receipt.write_text(jwt)
    other.write_text("nothing")
    run = app.test_cli_runner(catch_exceptions=False).invoke
    command = cli.commands["verify"]
    done = run(command, [str(receipt)])
    assert (done.exit_code, done.output[:7]) == (0, "signed\n")
    done = run(command, [str(receipt), str(other), "--register"])
    assert done.exit_code == 4
    assert f"{receipt}: genuine" in done.output
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": []}))
    assert run(command, [str(receipt), "--keys", str(keys)]).exit_code != 0


def test_whoever_verifies_is_led_to_the_receipt(
    client: FlaskClient, db: Any, jwt: str
) -> None:
    """On the page for certificates too, by its number and by its file."""
    (number,) = db.session.scalars(select(Receipt.number))
    year, serial = number.split("-")[1:3]
    for typed in (number, number.lower(), f"RIC {year}/{int(serial)}"):
        for page in ("verify", "register"):
            led = client.get(f"/it/{page}", query_string={"q": typed})
            assert led.location == f"/receipts/{number}", typed
    file = {"file": (io.BytesIO(jwt.encode()), "ricevuta.jwt")}
    assert "Una ricevuta autentica" in client.post("/it/verify", data=file).text


def test_a_receipt_is_no_credential(jwt: str) -> None:
    with pytest.raises(NotOurs):
        services().signer.read(jwt)


@pytest.mark.parametrize("place", [20, 200, 600, -20])
def test_a_receipt_with_one_letter_changed_is_not_ours(jwt: str, place: int) -> None:
    letter = "A" if jwt[place] != "A" else "B"
    at = place % len(jwt)
    changed = jwt[:at] + letter + jwt[at + 1 :]
    found = check(changed.encode(), services().signer, fingerprint_of)
    assert found.verdict is Verdict.NOT_OURS


def test_the_page_carries_the_signed_text_and_is_known_again(
    client: FlaskClient, certificate: Any
) -> None:
    vat = certificate.organisation.vat
    answer = _asked(client, vat=vat)
    assert answer.mimetype == "application/pdf"
    found = check(answer.data, services().signer, fingerprint_of)
    assert found.verdict is Verdict.GENUINE
    assert found.payload is not None
    assert found.payload["asked"]["vat"] == vat
    page = _dropped(client, answer.data)
    assert "byte per byte" in page
    assert certificate.organisation.name in page


def test_a_page_with_another_text_around_the_signature_is_told_apart(
    client: FlaskClient, certificate: Any
) -> None:
    pdf = _asked(client, certificate=certificate.number).data
    page = _dropped(client, pdf + b"\n%")
    assert "byte per byte" not in page
    assert "Una ricevuta autentica" in page


def test_the_bare_text_of_a_receipt_is_known_by_its_mark(jwt: str) -> None:
    said = services().signer.read(jwt, KIND)
    told = json.dumps(said).encode()
    found = check(told, services().signer, fingerprint_of)
    assert found.verdict is Verdict.LISTED
    said["answered"]["status"] = "withdrawn"
    found = check(json.dumps(said).encode(), services().signer, fingerprint_of)
    assert found.verdict is Verdict.NOT_OURS


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"[" * 100_000, b'{"jti": 1.5}', b'{"jti": null}', b"\xff" * 50],
)
def test_whatever_is_no_receipt_is_told_so(app: Flask, content: bytes) -> None:
    found = check(content, services().signer, fingerprint_of)
    assert found.verdict is Verdict.NOT_OURS


def test_anyone_may_look_up_that_a_receipt_was_issued_and_learns_nothing_of_it(
    client: FlaskClient, db: Any, jwt: str, certificate: Any
) -> None:
    receipt = db.session.query(Receipt).one()
    page = client.get(f"/receipts/{receipt.number}").text
    assert receipt.fingerprint in page
    assert certificate.number not in page
    assert client.get("/receipts/RIC-2026-000099-01").status_code == 404


def test_a_wrong_identifier_gets_no_receipt(client: FlaskClient, db: Any) -> None:
    answer = client.post("/receipts", data={"vat": "01234567890"})
    assert answer.status_code == 422
    assert db.session.query(Receipt).count() == 0


def test_a_receipt_of_the_past_says_the_past(
    client: FlaskClient, clock: Any, certificate: Any
) -> None:
    clock.tick(days=10)
    asked = {"certificate": certificate.number, "on": "2026-02-01", "format": "jwt"}
    said = services().signer.read(_asked(client, **asked).text, KIND)
    assert said["asked"]["on"] == "2026-02-01"
    assert said["answered"]["status"] == "never_certified"


def test_the_receipt_of_a_list_shows_no_supplier(app: Flask, clock: Any) -> None:
    rows = [{"row": str(n), "vat": f"{n:011}", "status": "valid"} for n in range(1, 8)]
    at = clock.now()
    made = for_list(
        rows,
        {"valid": 7},
        file_sha256="ab" * 32,
        scheme="impact",
        on=at.date(),
        known_at=at,
        at=at,
        signer=services().signer,
    )
    said = json.dumps(services().signer.read(made.jwt, KIND))
    assert "00000000001" not in said
    assert made.payload["answered"]["rows_root"] == lists.root(rows)
    assert made.payload["asked"]["rows"] == 7
    assert queries.by_number(made.number) is not None


def test_the_mark_of_a_list_is_the_tree_of_rfc_6962() -> None:
    def whole(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        half = 1
        while half * 2 < len(leaves):
            half *= 2
        return lists._above(whole(leaves[:half]), whole(leaves[half:]))

    for count in (1, 2, 3, 5, 7, 8, 13):
        rows = [{"row": str(number)} for number in range(count)]
        assert lists.root(rows) == whole([lists.leaf(row) for row in rows]).hex()


def test_numbers_of_receipts_are_read_in_any_spelling() -> None:
    number = numbers.written(2026, 7)
    assert re.fullmatch(r"RIC-2026-000007-[0-9]{2}", number)
    assert numbers.read(f" {number.lower().replace('-', ' ')} ") == number
    for wrong in (number[:-1] + "0", "IMP" + number[3:], "x"):
        if wrong != number:
            with pytest.raises(numbers.NoReceiptNumber):
                numbers.read(wrong)


def test_the_same_receipt_gives_the_same_page(app: Flask, jwt: str) -> None:
    from registry.receipts.printing import pdf

    said = services().signer.read(jwt, KIND)
    with app.test_request_context():
        pages = {pdf(said, jwt, services().paper) for _ in range(2)}
    assert len(pages) == 1


def _dropped(client: FlaskClient, content: bytes) -> str:
    from io import BytesIO

    answer = client.post("/receipts/check", data={"file": (BytesIO(content), "x")})
    assert answer.status_code == 200
    return answer.text


def test_the_time_on_the_receipt_is_that_of_the_check(jwt: str, clock: Any) -> None:
    said = services().signer.read(jwt, KIND)
    clock.tick(days=1)
    assert said["iat"] == int((clock.now() - timedelta(days=1)).timestamp())


def test_programs_ask_for_receipts_look_them_up_and_have_them_checked(
    client: FlaskClient, certificate: Any
) -> None:
    made = client.post("/api/v1/receipts", json={"certificate": certificate.number})
    assert made.status_code == 201, made.text
    told = made.json
    found = client.get(f"/api/v1/receipts/{told['number']}").json
    assert found == {
        name: told[name] for name in ("number", "issued_at", "fingerprint")
    }
    checked = client.post("/api/v1/receipts/verify", json={"jwt": told["jwt"]}).json
    assert checked["genuine"] is True
    assert checked["payload"] == told["payload"]
    pdf = client.post(
        "/api/v1/receipts",
        json={"vat": certificate.organisation.vat},
        headers={"Accept": "application/pdf"},
    )
    assert pdf.data.startswith(b"%PDF-")
    whole = client.post(
        "/api/v1/receipts/verify", data=pdf.data, content_type="application/pdf"
    )
    assert whole.json["verdict"] == "genuine"


@pytest.mark.parametrize(
    ("body", "status"),
    [([], 422), ({"vat": 1}, 422), ({"vat": "1"}, 422), ({}, 422), ("x", 422)],
)
def test_what_is_no_question_gets_no_receipt_from_the_service_either(
    client: FlaskClient, body: Any, status: int
) -> None:
    answer = client.post("/api/v1/receipts", json=body)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_a_receipt_that_never_was_is_not_found_by_programs(client: FlaskClient) -> None:
    for number in ("RIC-2026-000099-99", "x", "RIC-2026-000001-16"):
        assert client.get(f"/api/v1/receipts/{number}").status_code == 404
    assert client.post("/api/v1/receipts/verify", data=b"").status_code == 422

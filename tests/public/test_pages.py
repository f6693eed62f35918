"""Each public page: what it says, in which language, and how it may be kept."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.accounts.models import Role
from registry.certificates.jobs import reserve_granted
from registry.certificates.numbers import Number
from registry.certificates.queries import of_application
from registry.clock import FixedClock
from registry.organisations import operations as organisations
from registry.services import services
from registry.storage import Storage
from tests import factories
from tests.factories import LONG_AGO, person
from tests.public.stories import (
    certified,
    ended,
    in_update,
    superseded,
    suspended,
    withdrawn,
)

PLAIN = (
    *("/", "/register", "/criteria", "/criteria/impact/2022", "/verify", "/about"),
    *("/programs", "/privacy", "/accessibility"),
)


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize("language", ["it", "en"])
def test_a_page_is_the_same_for_everyone_and_cheap_to_ask_again(
    client: FlaskClient, language: str, path: str
) -> None:
    page = client.get(f"/{language}{path}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert page.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in page.headers
    assert "Cookie" not in page.headers.get("Vary", "")
    again = client.get(
        f"/{language}{path}", headers={"If-None-Match": page.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.data == b""


def test_a_page_is_the_same_for_the_signed_in(
    client: FlaskClient, sign_in: Any
) -> None:
    stranger = client.get("/it/").data
    assert sign_in(person(Role.COOPERATIVE)).get("/it/").data == stranger


def test_the_browser_chooses_where_the_address_does_not(client: FlaskClient) -> None:
    italian = client.get("/", headers={"Accept-Language": "it"})
    english = client.get("/", headers={"Accept-Language": "en-GB"})
    assert (italian.location, english.location) == ("/it/", "/en/")
    assert "Accept-Language" in italian.headers["Vary"]
    page = client.get("/verify", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in page.text


def test_the_home_page_counts_what_is_valid_today(
    client: FlaskClient, clock: FixedClock
) -> None:
    def figures() -> list[str]:
        page = client.get("/it/").text
        return [part.partition("<")[0] for part in page.split('class="figure">')[1:]]

    assert figures() == ["0", "0", "0"]
    certified("Alfa", province="BG")
    suspended("Beta", province="MI")
    in_update("Gamma")
    assert figures() == ["2", "0", "1"]
    clock.at = datetime(2027, 3, 3, 9, tzinfo=UTC)
    assert figures() == ["1", "1", "1"]


def test_a_holder_shows_the_organisation_and_no_person(client: FlaskClient) -> None:
    made = certified("Il Ginepro Cooperativa Sociale", website="https://example.org")
    by = person(Role.SECRETARIAT)
    organisations.describe(made.organisation, ateco=["81.21.00"], by=by, at=LONG_AGO)
    page = client.get(f"/it/register/{made.organisation_id}").text
    for said in (
        "Questo certificato è valido",
        made.number,
        str(made.organisation.albo),
        "81.21.00",
        "pulizia generale di edifici",
        "Revisione cooperativa",
        "1 marzo 2029",
    ):
        assert said in page
    assert factories.representative(made.organisation).name not in page
    assert "Marchetti" not in page  # who signed it is on the paper only


def test_a_former_certificate_stays_on_the_page_of_its_holder(
    client: FlaskClient, clock: FixedClock
) -> None:
    first, newer = superseded("Epsilon")
    clock.tick(days=60)
    page = client.get(f"/it/register/{first.organisation_id}").text
    assert "Questo certificato è valido" in page
    assert "Certificati precedenti" in page
    assert first.number in page
    assert newer.number in page


@pytest.mark.parametrize(
    ("make", "title", "also"),
    [
        (certified, "Questo certificato è valido", "2 marzo 2026"),
        (suspended, "Questo certificato è sospeso", "non conformità maggiore"),
        (withdrawn, "Questo certificato è stato revocato", "1 maggio 2026"),
        (ended, "Il titolare ha rinunciato", "1 aprile 2026"),
        (lambda: superseded()[0], "sostituito da uno più recente", "Al certificato"),
    ],
)
def test_each_standing_has_an_answer_of_its_own(
    client: FlaskClient, clock: FixedClock, make: Any, title: str, also: str
) -> None:
    number = make().number
    clock.at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    page = client.get(f"/c/{number}", headers={"Accept-Language": "it"})
    assert page.status_code == 200
    assert title in page.text
    assert also in page.text
    assert "Verificato il 1 giugno 2026, 11:00" in page.text
    assert title in client.get(f"/it/verify?q={number}").text


def test_time_alone_makes_it_in_update_and_then_expired(
    client: FlaskClient, clock: FixedClock
) -> None:
    updating, left = in_update().number, certified().number
    clock.at = datetime(2027, 3, 3, 9, tzinfo=UTC)
    page = client.get(f"/c/{updating}?lang=it").text
    assert "la verifica annuale è in corso di decisione" in page
    clock.at = datetime(2029, 3, 2, 9, tzinfo=UTC)
    page = client.get(f"/c/{left}?lang=it").text
    assert "Questo certificato è scaduto" in page
    assert "1 marzo 2029" in page


def test_an_unknown_number_is_a_helpful_404(client: FlaskClient) -> None:
    never = str(Number("IMP", 2026, 999))
    page = client.get(f"/c/{never}?lang=it")
    assert page.status_code == 404
    assert "mai stato rilasciato" in page.text
    wrong = client.get(f"/c/{never[:-1]}{(int(never[-1]) + 1) % 10}?lang=it")
    assert wrong.status_code == 404
    assert "cifre di controllo non tornano" in wrong.text


def test_a_number_reserved_but_not_sealed_is_not_yet_one(
    db: Any, client: FlaskClient, clock: FixedClock
) -> None:
    application = factories.decided().application
    db.session.commit()
    reserve_granted(clock.now())
    reserved = of_application(application)
    assert reserved is not None
    assert client.get(f"/c/{reserved.number}").status_code == 404


def test_the_paper_is_given_as_it_was_sealed(
    client: FlaskClient, storage: Storage
) -> None:
    made = certified()
    paper = client.get(f"/c/{made.number}/it.pdf")
    assert paper.status_code == 200
    assert paper.mimetype == "application/pdf"
    assert paper.data == storage.read(str(made.sha256))
    assert client.get(f"/c/{made.number}/en.pdf").status_code == 404
    assert client.get("/c/IMP-2026-000999-00/it.pdf").status_code == 404


def test_a_changed_name_does_not_change_the_paper(client: FlaskClient) -> None:
    made = certified("Vecchio Nome")
    by = person(Role.SECRETARIAT)
    organisations.change(made.organisation, {"name": "Nuovo Nome"}, by=by, at=LONG_AGO)
    page = client.get(f"/c/{made.number}?lang=it").text
    assert "Vecchio Nome" in page
    assert "oggi è Nuovo Nome" in page


def test_an_edition_is_told_with_sources_and_what_is_ours(client: FlaskClient) -> None:
    page = client.get("/it/criteria/impact/2022").text
    edition = services().editions["impact/2022"]
    for requirement in edition.requirements:
        assert requirement.title.it in page
    assert "Interpretazione del registro" in page
    assert "36 mesi" in page
    assert "Comunicato di presentazione" in page
    assert edition.digest in page
    assert client.get("/it/criteria/impact/1999").status_code == 404


def test_a_database_that_does_not_answer_is_never_a_no(
    app: Flask, client: FlaskClient, db: Any
) -> None:

    db.session.execute(text("ALTER TABLE certificates RENAME TO elsewhere"))
    db.session.commit()
    page = client.get("/it/verify?q=90000010166")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "30"


def test_searching_without_end_is_slowed_down(app: Flask, client: FlaskClient) -> None:
    app.config["REGISTRY_RATE_LIMITS"] = True
    answers = {client.get("/it/register?q=x").status_code for _ in range(125)}
    assert answers == {200, 429}

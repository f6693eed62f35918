"""The page of a holder: today, on a past day, as known then, and for machines."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.organisations import operations as organisations
from registry.organisations.models import OrganisationKind
from tests.factories import LONG_AGO, person
from tests.public.stories import LATER, certified, superseded, suspended, withdrawn


@pytest.fixture(autouse=True)
def months_later(clock: FixedClock) -> None:
    """Every story of these tests lies in the past."""
    clock.at = LATER + timedelta(days=90)


def page(client: FlaskClient, holder: int, query: str = "") -> str:
    answer = client.get(f"/it/register/{holder}{query}")
    assert answer.status_code == 200
    return unescape(answer.text)


def data(text: str) -> Any:
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert block is not None
    return json.loads(block[1])


def test_a_past_day_shows_what_held_then(client: FlaskClient) -> None:
    made = withdrawn("Alfa")
    holder = made.organisation_id
    assert "revocato" in page(client, holder)
    on = (LATER + timedelta(days=3)).date().isoformat()
    then = page(client, holder, f"?on={on}")
    assert "Questo certificato è sospeso." in then
    assert "non oggi" in then
    assert "noindex" in then
    before = (LONG_AGO - timedelta(days=1)).date().isoformat()
    assert "In quel giorno non aveva un certificato." in page(
        client, holder, f"?on={before}"
    )


def test_what_was_recorded_later_was_not_known(client: FlaskClient) -> None:
    made = suspended("Alfa")
    instant = (LATER - timedelta(hours=1)).astimezone(UTC).isoformat()
    query = f"?on={LATER.date()}&known_at={instant.replace('+', '%2B')}"
    assert "Questo certificato è valido." in page(client, made.organisation_id, query)
    same_day = page(client, made.organisation_id, f"?on={LATER.date()}")
    assert "Questo certificato è sospeso." in same_day


def test_of_two_certificates_the_one_of_that_day_is_shown(client: FlaskClient) -> None:
    first, newer = superseded("Alfa")
    on = (LATER - timedelta(days=1)).date()
    then = page(client, first.organisation_id, f"?on={on}")
    assert first.number in then
    assert newer.number not in then.partition("</script>")[2]


@pytest.mark.parametrize("on", ["2026-02-30", "ieri", "2999-01-01", "2026-2-1"])
def test_a_day_that_cannot_be_is_refused_in_words(client: FlaskClient, on: str) -> None:
    made = certified("Alfa")
    assert client.get(f"/it/register/{made.organisation_id}?on={on}").status_code == 422


def test_former_names_stay_with_the_day_they_ended(client: FlaskClient) -> None:
    made = certified("Alfa Vecchia")
    by, at = person(Role.SECRETARIAT), datetime(2026, 4, 20, 9, tzinfo=UTC)
    organisations.change(made.organisation, {"name": "Alfa Nuova"}, by=by, at=at)
    text = page(client, made.organisation_id)
    assert "Denominazioni precedenti" in text
    assert "fino al 20 aprile 2026" in text
    then = page(client, made.organisation_id, "?on=2026-04-20")
    assert "In quel giorno si chiamava <bdi>Alfa Vecchia</bdi>" in then
    assert data(text)["alternateName"] == ["Alfa Vecchia"]


def test_machines_read_who_it_is_and_how_it_stands_today(client: FlaskClient) -> None:
    made = certified("Alfa </script><b>", kind=OrganisationKind.SOCIAL_B)
    said = data(page(client, made.organisation_id))
    assert said["@type"] == "Organization"
    assert said["legalName"] == "Alfa </script><b>"
    assert said["vatID"] == f"IT{made.organisation.vat}"
    held = said["hasCertification"]
    assert held["certificationIdentification"] == made.number
    assert held["certificationStatus"].endswith("CertificationActive")
    assert held["url"].endswith(f"/c/{made.number}")


def test_who_lost_it_is_inactive_for_machines_whatever_day_is_shown(
    client: FlaskClient,
) -> None:
    made = withdrawn("Alfa")
    on = (LONG_AGO + timedelta(days=1)).date()
    said = data(page(client, made.organisation_id, f"?on={on}"))
    assert said["hasCertification"]["certificationStatus"].endswith("Inactive")

"""Programs fetch a credential, ask whether it still holds, and find who signed it."""

import base64
import gzip
import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as Tree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.accounts.models import Role
from registry.certificates import operations, status_lists
from registry.certificates.credential import plain
from registry.certificates.models import ENTRIES, Certificate
from registry.certificates.queries import status_events
from registry.clock import FixedClock
from registry.db import db as database
from registry.services import services
from registry.web.standings import STANDINGS
from tests import factories


def fetched(client: FlaskClient, path: str) -> dict[str, Any]:
    """What a signed answer of ours says, its signature checked."""
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/vc+jwt")
    return services().signer.read(answer.text)


def bits(told: dict[str, Any]) -> bytes:
    packed = told["credentialSubject"]["encodedList"]
    assert packed[0] == "u"
    return gzip.decompress(base64.urlsafe_b64decode(packed[1:] + "=="))


def is_set(client: FlaskClient, certificate: Certificate, purpose: str) -> bool:
    assert certificate.credential is not None
    told = plain(certificate.credential.jwt)["credentialStatus"]
    [entry] = [one for one in told if one["statusPurpose"] == purpose]
    path = entry["statusListCredential"].removeprefix("http://localhost")
    index = int(entry["statusListIndex"])
    found = bits(fetched(client, path))
    return bool(found[index // 8] & (0x80 >> index % 8))


def befall(certificate: Certificate, clock: FixedClock, *acts: str) -> None:
    member = factories.person(Role.COMMITTEE)
    reasons = {"suspend": ["suspended_misuse"], "withdraw": ["withdrawn_misuse"]}
    for act in acts:
        clock.tick(days=1)
        do = getattr(operations, act)
        do(certificate, *reasons.get(act, []), by=member, at=clock.now())
        database.session.commit()


def test_a_credential_is_handed_to_every_origin(
    app: Flask, client: FlaskClient
) -> None:
    certificate = factories.certified()
    assert certificate.credential is not None
    jwt, number = certificate.credential.jwt, certificate.number
    signed = client.get(f"/credentials/{number}")
    assert (signed.text, signed.mimetype) == (jwt, "application/vc+jwt")
    assert signed.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in signed.headers["Vary"]
    file = client.get(f"/credentials/{number.lower()}.jwt")
    assert (file.text, "attachment" in file.headers["Content-Disposition"]) == (
        jwt,
        True,
    )
    for path, accepted, media_type in (
        (number, "application/json", "application/json"),
        (number, "application/vc", "application/vc"),
        (f"{number}.json", "*/*", "application/json"),
    ):
        bare = client.get(f"/credentials/{path}", headers={"Accept": accepted})
        assert (json.loads(bare.text), bare.mimetype) == (plain(jwt), media_type)
    badge = client.get(f"/credentials/{number}/badge.json").get_json()
    assert fetched(client, f"/credentials/{number}/badge.jwt") == badge


def test_an_unchanged_answer_is_not_sent_twice(app: Flask, client: FlaskClient) -> None:
    number = factories.certified().number
    for path in (
        f"/credentials/{number}",
        f"/credentials/{number}.json",
        "/status/revocation",
        "/.well-known/did.json",
        f"/badge/{number}.svg",
    ):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, path


def test_a_certificate_not_issued_yet_shows_no_credential(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    from registry.certificates.jobs import reserve_granted
    from registry.certificates.numbers import Number

    factories.decided()
    database.session.commit()
    assert reserve_granted(clock.now()) == 1
    for path in ("credentials/{}", "badge/{}.svg", "credentials/{}/badge.json"):
        answer = client.get("/" + path.format(Number("IMP", 2026, 1)))
        assert (answer.status_code, answer.mimetype) == (
            404,
            "application/problem+json",
        )


@pytest.mark.parametrize("number", ["x", "IMP-2026-000001-17", "IMP-2026-000009-73"])
def test_an_unknown_number_has_no_credential(
    number: str, app: Flask, client: FlaskClient
) -> None:
    assert client.get(f"/credentials/{number}").status_code == 404
    assert client.get(f"/badge/{number}.json").status_code == 404


def test_the_keys_are_found_by_the_name_of_the_issuer(
    app: Flask, client: FlaskClient
) -> None:
    certificate = factories.certified()
    assert certificate.credential is not None
    jwt = certificate.credential.jwt
    header = json.loads(base64.urlsafe_b64decode(jwt.split(".")[0] + "=="))
    document = client.get("/.well-known/did.json").get_json()
    assert document["id"] == plain(jwt)["issuer"]["id"] == "did:web:localhost"
    assert header["kid"] in document["assertionMethod"]
    keys = client.get("/.well-known/jwks.json").get_json()["keys"]
    assert [key["kid"] for key in keys] == document["assertionMethod"]
    assert not [key for key in keys if "d" in key]


def test_the_lists_say_suspended_reinstated_and_withdrawn_at_once(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    certificate = factories.certified()
    other = factories.certified()

    def told() -> tuple[bool, bool]:
        assert not is_set(client, other, "revocation")
        assert not is_set(client, other, "suspension")
        return (
            is_set(client, certificate, "revocation"),
            is_set(client, certificate, "suspension"),
        )

    assert told() == (False, False)
    befall(certificate, clock, "suspend")
    assert told() == (False, True)
    befall(certificate, clock, "reinstate")
    assert told() == (False, False)
    befall(certificate, clock, "suspend", "withdraw")
    assert told() == (True, False)


def test_a_superseded_certificate_is_revoked(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    from registry.certificates.jobs import issue_granted

    first = factories.certified()
    clock.tick(days=30)
    factories.decided(first.organisation, at=clock.now())
    database.session.commit()
    issue_granted(clock.now())
    assert is_set(client, first, "revocation")


def test_a_list_is_a_short_lived_credential_of_every_bit(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    clock.at = clock.at.replace(minute=20)
    told = fetched(client, "/status/suspension")
    assert told["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert told["issuer"] == "did:web:localhost"
    assert told["validFrom"] == "2026-03-02T09:00:00Z"
    assert told["validUntil"] == "2026-03-03T09:00:00Z"
    assert len(bits(told)) * 8 == ENTRIES
    clock.tick(hours=1)
    again = fetched(client, "/status/suspension")
    assert again["validFrom"] == "2026-03-02T10:00:00Z"


def test_a_list_changed_within_the_hour_says_since_when(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    certificate = factories.certified()
    befall(certificate, clock, "suspend")
    clock.tick(minutes=10)
    befall_at = clock.now()
    operations.reinstate(
        certificate, by=factories.person(Role.COMMITTEE), at=clock.now()
    )
    clock.tick(minutes=10)
    told = fetched(client, "/status/suspension")
    assert told["validFrom"] == f"{befall_at:%Y-%m-%dT%H:%M:%SZ}"


def test_a_list_is_shown_as_of_then(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    certificate = factories.certified()
    start = clock.now()
    befall(certificate, clock, "suspend", "withdraw")
    clock.tick(days=30)

    def marked(purpose: str, days: int, minutes: int = 1) -> bool:
        moment = start + timedelta(days=days, minutes=minutes)
        told = fetched(
            client, f"/status/{purpose}?timestamp={moment:%Y-%m-%dT%H:%M:%SZ}"
        )
        assert told["validFrom"] == f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        return bits(told) != bytes(ENTRIES // 8)

    assert [marked("suspension", days) for days in (0, 1, 2)] == [False, True, False]
    assert [marked("revocation", days) for days in (0, 1, 2)] == [False, False, True]
    assert not marked("revocation", 2, minutes=-1)
    assert (
        client.get("/status/suspension?timestamp=2026-03-03T10:05:00+01:00").status_code
        == 200
    )


@pytest.mark.parametrize(
    "moment",
    [
        *("", "now", "2026-03-01", "2026-03-01T10:00:00", "2030-01-01T00:00:00Z"),
        *("0001-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "9" * 400),
    ],
)
def test_only_a_moment_of_the_past_can_be_asked_for(
    moment: str, app: Flask, client: FlaskClient
) -> None:
    answer = client.get("/status/revocation", query_string={"timestamp": moment})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_then_said_today_is_what_now_says(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    befall(factories.certified(), clock, "suspend")
    events, signer = status_events(), services().signer
    for purpose in status_lists.PURPOSES:
        said = [
            bits(signer.read(ask(purpose, events, clock.now(), signer)))
            for ask in (status_lists.now, status_lists.then)
        ]
        assert said[0] == said[1]


def test_the_first_bit_is_the_leftmost() -> None:
    packed = status_lists.encoded([0, 9, ENTRIES - 1])
    found = gzip.decompress(base64.urlsafe_b64decode(packed[1:] + "=="))
    assert (found[0], found[1], found[-1]) == (0b1000_0000, 0b0100_0000, 0b0000_0001)


def test_the_badge_says_how_things_stand_today(
    app: Flask, client: FlaskClient, clock: FixedClock
) -> None:
    certificate = factories.certified()
    number = certificate.number

    def picture() -> tuple[str, TestResponse]:
        answer = client.get(f"/badge/{number}.svg?lang=en")
        root = Tree.fromstring(answer.text)  # noqa: S314 our own drawing
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        return str(title.text), answer

    told, answer = picture()
    assert told == f"Impact 2022, certificate {number}: valid since 2 March 2026"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "style" not in answer.text
    assert "script" not in answer.text
    befall(certificate, clock, "suspend")
    assert "suspended since 3 March 2026" in picture()[0]
    said = client.get(f"/badge/{number}.json?lang=it").get_json()
    assert (said["status"], said["status_since"]) == ("suspended", "2026-03-03")
    assert said["links"]["page"] == f"http://localhost/c/{number}"


def test_every_standing_has_its_colour_on_the_badge() -> None:
    from registry.certificates.badge import TONES

    assert {look.tone for look in STANDINGS.values()} <= set(TONES)


def test_bulk_rows_without_credential_say_so(app: Flask, client: FlaskClient) -> None:
    certificate = factories.certified()
    database.session.delete(certificate.credential)
    assert client.get(f"/credentials/{certificate.number}").status_code == 404
    said = client.get(f"/badge/{certificate.number}.json").get_json()
    assert "credential" not in said["links"]

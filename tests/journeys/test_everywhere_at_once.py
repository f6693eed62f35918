"""What befalls a certificate shows everywhere at once, and no copy lags behind."""

import base64
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.accounts.models import Role, User
from registry.certificates import operations
from registry.certificates.credential import plain
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.db import db as database
from registry.services import services
from registry.web.standings import STANDINGS
from tests import factories
from tests.public.stories import certified

#: What each surface says, by the code of the standing: the word on pages, the title of
#: the answer, the sentence about the file, the two bits.
SAID = {
    "valid": ("This certificate is valid.", "Genuine and valid today.", (0, 0)),
    "in_update": (
        "This certificate is valid; its yearly re-check",
        "Genuine and valid today; its yearly",
        (0, 0),
    ),
    "suspended": ("This certificate is suspended.", "Genuine, but suspended", (0, 1)),
    "withdrawn": ("This certificate was withdrawn.", "Genuine, but withdrawn", (1, 0)),
    "expired": ("This certificate has expired.", "Genuine, but expired since", (0, 0)),
    "ended_by_holder": ("The holder gave this", "Genuine, but given up", (1, 0)),
    "superseded": ("This certificate was replaced", "Genuine, but replaced", (1, 0)),
}


class Surfaces:
    """Everywhere that says what a certificate is worth, with what was kept of it."""

    def __init__(self, client: FlaskClient, made: Certificate) -> None:
        assert made.credential is not None
        self.client, self.number = client, made.number
        self.holder, self.vat = made.organisation_id, made.organisation.vat
        self.pdf = services().storage.read(str(made.sha256))
        self.jwt = made.credential.jwt
        self.status = plain(self.jwt)["credentialStatus"]
        #: The last answer of each address, as a browser or a proxy keeps it.
        self.kept: dict[str, TestResponse] = {}

    def asked(self, path: str) -> TestResponse:
        """The answer as a browser shows it that asked before: its copy if it holds."""
        before = self.kept.get(path)
        headers = {"If-None-Match": before.headers["ETag"]} if before else {}
        answer = self.client.get(path, headers=headers)
        if answer.status_code == 304:
            assert before is not None
            return before
        assert answer.status_code == 200, path
        self.kept[path] = answer
        return answer

    def handed(self, content: bytes) -> Iterator[tuple[str, str]]:
        form = {"file": (io.BytesIO(content), "copia.pdf")}
        yield "page", self.client.post("/en/verify", data=form).text
        form = {"file": (io.BytesIO(content), "copia.pdf")}
        english = {"Accept-Language": "en"}
        answer = self.client.post(
            "/api/v1/verify/file", data=form, headers=english
        ).get_json()
        assert answer["verdict"] == "genuine"
        yield answer["standing"]["status"], answer["told"]

    def bits(self) -> tuple[int, ...]:
        found = []
        for entry in self.status:
            path = entry["statusListCredential"].removeprefix("http://localhost")
            listed = services().signer.read(self.asked(path).text)
            packed = listed["credentialSubject"]["encodedList"][1:]
            bits = gzip.decompress(base64.urlsafe_b64decode(f"{packed}=="))
            index = int(entry["statusListIndex"])
            found.append(int(bool(bits[index // 8] & 0x80 >> index % 8)))
        return tuple(found)

    def all_say(self, code: str) -> None:
        """Every surface says this, and nothing else."""
        title, sentence, bits = SAID[code]
        word = STANDINGS[code].word
        number = self.number
        page = self.asked(f"/c/{number}?lang=en").text
        assert title in page
        assert title in self.asked(f"/en/verify?q={number}").text
        # Of a holder the newest certificate is told.
        newest = "valid" if code == "superseded" else code
        for path in (f"/en/verify?q={self.vat}", f"/en/register/{self.holder}"):
            assert SAID[newest][0] in self.asked(path).text
        listed = self.asked(f"/en/register?q={self.vat}").text
        assert STANDINGS[newest].word in listed
        told = self.asked(f"/api/v1/verify?certificate={number}").get_json()
        assert told["status"] == code
        assert self.asked(f"/badge/{number}.json").get_json()["status"] == code
        assert f">{word}</text>" in self.asked(f"/badge/{number}.svg?lang=en").text
        assert self.bits() == bits
        for content in (self.pdf, self.jwt.encode()):
            (_, shown), (status, said) = self.handed(content)
            assert status == code
            assert sentence in shown
            assert said.startswith(sentence)
        for other, (_, elsewhere, _) in SAID.items():
            if other != code and not elsewhere.startswith(sentence[:20]):
                assert elsewhere not in shown


Act = Callable[[Certificate, User, datetime], None]


def suspend(made: Certificate, by: User, at: datetime) -> None:
    operations.suspend(made, "suspended_misuse", by=by, at=at)


def reinstate(made: Certificate, by: User, at: datetime) -> None:
    operations.reinstate(made, by=by, at=at)


def withdraw(made: Certificate, by: User, at: datetime) -> None:
    operations.withdraw(made, "withdrawn_misuse", by=by, at=at)


def end(made: Certificate, by: User, at: datetime) -> None:
    operations.end(made, by=factories.representative(made.organisation), at=at)


def replace(made: Certificate, by: User, at: datetime) -> None:
    factories.certified(made.organisation, at=at)


def file_recheck(made: Certificate, by: User, at: datetime) -> None:
    operations.open_update(made, date(2027, 3, 2), by=by, at=at)


@pytest.mark.parametrize(
    "acts",
    [
        ((suspend, "suspended"), (reinstate, "valid"), (withdraw, "withdrawn")),
        ((suspend, "suspended"), (end, "ended_by_holder")),
        ((replace, "superseded"),),
    ],
)
def test_an_event_shows_everywhere_in_the_same_second(
    client: FlaskClient, clock: FixedClock, acts: tuple[tuple[Act, str], ...]
) -> None:
    made = certified("Il Ginepro Cooperativa Sociale")
    by = factories.person(Role.COMMITTEE)
    surfaces = Surfaces(client, made)
    surfaces.all_say("valid")
    for act, code in acts:
        clock.tick(seconds=1)
        act(made, by, clock.now())
        database.session.commit()
        surfaces.all_say(code)


def test_what_time_alone_does_shows_everywhere_at_midnight(
    client: FlaskClient, clock: FixedClock
) -> None:
    made = certified("Il Ginepro Cooperativa Sociale")
    by = factories.person(Role.SECRETARIAT)
    file_recheck(made, by, datetime(2027, 2, 20, 9, tzinfo=UTC))
    database.session.commit()
    surfaces = Surfaces(client, made)
    instants = (
        (datetime(2027, 3, 2, 22, 59, 59, tzinfo=UTC), "valid"),
        (datetime(2027, 3, 2, 23, 0, 0, tzinfo=UTC), "in_update"),
    )
    for clock.at, code in instants:
        surfaces.all_say(code)
    operations.confirm(
        made,
        date(2027, 3, 2),
        next_on=date(2028, 3, 2),
        by=factories.person(Role.COMMITTEE),
        at=clock.now(),
    )
    database.session.commit()
    surfaces.all_say("valid")
    last = datetime(2029, 3, 1, 22, 59, 59, tzinfo=UTC)
    for clock.at, code in ((last, "valid"), (last + timedelta(seconds=1), "expired")):
        surfaces.all_say(code)


def test_no_answer_about_a_standing_may_be_shown_without_asking_again(
    client: FlaskClient,
) -> None:
    made = certified()
    number, holder = made.number, made.organisation_id
    paths = (
        *(f"/c/{number}", f"/it/register/{holder}", "/it/register", "/it/", "/en/"),
        *(f"/it/verify?q={number}", f"/verify?q={made.organisation.vat}"),
        *(f"/badge/{number}.svg", f"/badge/{number}.json"),
        *("/status/revocation", "/status/suspension"),
    )
    lasting = {
        path: kept
        for path in paths
        if "no-cache" not in (kept := client.get(path).headers["Cache-Control"])
    }
    assert lasting == {}

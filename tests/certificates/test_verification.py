"""A file that was handed on is genuine, or it is not, and the reason is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from registry.certificates import credential
from registry.certificates.credential import enclosures
from registry.certificates.rendering import render
from registry.certificates.verdicts import (
    AGREES,
    CREDENTIAL,
    FAILED,
    PASSED,
    Answer,
    Kind,
    Verdict,
)
from registry.certificates.verification import look_apart, open_apart, verify
from registry.criteria.reader import Editions
from registry.paper import Paper
from registry.seal import Lasting, Level, PadesSeal, Trusted, jws, load_seal
from registry.seal.first import ROOM, FirstRevision
from registry.seal.reading import CHECKS, Reading, read
from registry.signing import Signer
from registry.storage import Storage
from tests.certificates import forgeries
from tests.certificates.authority import Authority, authority
from tests.certificates.papers import facts, with_credential

OTHER = "IMP-2026-000124-36"
NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
#: Only the names: the changes need a file, and files are made when tests run.
CHANGES = list(forgeries.altered(b""))


@dataclass
class Known:
    """A register of invented certificates."""

    files: dict[str, str] = field(default_factory=dict)
    signed: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, pdf: bytes, number: str) -> None:
        self.files[Storage.digest(pdf)] = number

    def by_sha256(self, sha256: str) -> str | None:
        return self.files.get(sha256)

    def holds(self, number: str) -> bool:
        return number in self.files.values()

    def credentials(self, number: str) -> list[str]:
        return self.signed.get(number, [])


@dataclass
class Issued:
    """Certificates at each level, one of each holder, and whom to believe."""

    papers: dict[Level, bytes]
    first: bytes
    other: bytes
    forged: bytes
    jwt: str
    others: str
    trusted: Trusted
    signer: Signer
    register: Known

    def verdict(self, pdf: bytes, register: Known | None = None) -> Answer:
        return verify(
            pdf,
            trusted=self.trusted,
            keys=self.signer.jwks(),
            register=register or self.register,
            look=lambda content, trusted: read(
                content, trusted.seals, trusted.authorities, trusted.chains
            ),
            open_=jws.read,
        )


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("authority")) as at_work:
        yield at_work


def seal_of(ca: Authority, name: str, level: Level) -> PadesSeal:
    how = Lasting(level, ca.stamps, (ca.certificate("root"),))
    return load_seal(ca.key_file(name), ca.chain_file(name), None, how)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"), "https://registro.example")


@pytest.fixture(scope="module")
def issued(ca: Authority, paper: Paper, signer: Signer, editions: Editions) -> Issued:
    edition = editions["impact/2022"]
    told, jwt = with_credential(facts(), signer, edition)
    second, others = with_credential(facts("Oasi", number=OTHER), signer, edition)
    unsealed = render(told, paper, enclosures(jwt, "it"))
    papers = {level: seal_of(ca, "seal", level).seal(unsealed) for level in Level}
    plain = seal_of(ca, "seal", Level.B_B)
    roomy = render(told, paper, enclosures(jwt, "it"), room=ROOM)
    first = FirstRevision(plain.hand).seal(roomy, NOON)  # type: ignore[arg-type]
    other = plain.seal(render(second, paper, enclosures(others, "it")))
    register = Known(signed={told["number"]: [jwt], OTHER: [others]})
    for pdf in (*papers.values(), first):
        register.keep(pdf, told["number"])
    register.keep(other, OTHER)
    return Issued(
        papers,
        first,
        other,
        seal_of(ca, "thief", Level.B_B).seal(unsealed),
        jwt,
        others,
        seal_of(ca, "seal", Level.B_LTA).trusted(),
        signer,
        register,
    )


@pytest.mark.parametrize("level", Level)
def test_a_file_of_ours_is_genuine_after_any_journey(
    level: Level, issued: Issued
) -> None:
    pdf = issued.papers[level]
    for name, carried in forgeries.carried(pdf):
        answer = issued.verdict(carried)
        assert answer.genuine, name
        assert answer.number == facts()["number"]


@pytest.mark.parametrize("level", Level)
def test_a_file_the_register_has_in_other_bytes_is_genuine_by_its_seal(
    level: Level, issued: Issued
) -> None:
    """Say, sealed twice because the first attempt broke off after the seal."""
    register = Known({"0" * 64: facts()["number"]})
    for _, carried in forgeries.carried(issued.papers[level]):
        answer = issued.verdict(carried, register)
        assert answer.genuine, answer
        assert answer.level == level
        assert [check.passed for check in answer.checks[1:]] == [True] * 11


def test_a_file_sealed_in_its_first_revision_is_genuine(issued: Issued) -> None:
    register = Known({"0" * 64: facts()["number"]})
    for _, carried in forgeries.carried(issued.first):
        assert issued.verdict(carried).genuine
        assert issued.verdict(carried, register).genuine


def test_a_file_to_which_proofs_were_added_is_genuine(
    ca: Authority, issued: Issued
) -> None:
    """Another hand may make it last longer: more proofs, another time-stamp."""
    whole = issued.papers[Level.B_LTA]
    ends = [at + 6 for at in range(len(whole)) if whole.startswith(b"%%EOF\n", at)]
    assert len(ends) == forgeries.revisions(whole) == 4
    first = Known()
    first.keep(whole[: ends[1]], facts()["number"])  # what we issued: sealed, no more
    for end in ends[1:]:
        assert issued.verdict(whole[:end], first).genuine


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("level", [Level.B_B, Level.B_LTA, None])
def test_a_changed_file_is_never_genuine(
    change: str, level: Level | None, issued: Issued
) -> None:
    before = issued.papers[level] if level else issued.first
    forged = forgeries.altered(issued.other, issued.others)[change](before)
    if not level and change == "the unsealed paper":
        assert forged == before  # it never was unsealed
        return
    assert forged != before
    answer = issued.verdict(forged)
    assert not answer.genuine, answer
    assert answer.verdict is not Verdict.SEALED_BUT_UNKNOWN, answer


def test_most_changes_are_called_by_their_name(issued: Issued) -> None:
    changes = forgeries.altered(issued.other)
    pdf = issued.papers[Level.B_B]
    named = {
        "a byte of a stream": Verdict.ALTERED,
        "the last byte of the room": Verdict.ALTERED,
        "another title added later": Verdict.ALTERED,
        "garbage after the end": Verdict.ALTERED,
        "the unsealed paper": Verdict.NOT_SEALED_BY_US,
        "field and permissions removed": Verdict.NOT_SEALED_BY_US,
        "half of it": Verdict.UNREADABLE,
    }
    said = {name: issued.verdict(changes[name](pdf)).verdict for name in named}
    assert said == named


@pytest.mark.parametrize("level", [Level.B_B, Level.B_T, Level.B_LTA])
def test_no_byte_of_a_seal_can_be_changed_unnoticed(
    level: Level, issued: Issued
) -> None:
    pdf, chance = issued.papers[level], Random(7)  # noqa: S311 places to try
    begin, _ = forgeries.contents(pdf)
    end = begin + 2 * forgeries.length_of_seal(pdf)
    places = [chance.randrange(begin, end) for _ in range(24)]
    for place in places:
        other = b"1" if pdf[place : place + 1] != b"1" else b"2"
        forged = pdf[:place] + other + pdf[place + 1 :]
        assert not issued.verdict(forged).genuine, place - begin


def test_the_seal_of_a_namesake_is_not_ours(issued: Issued) -> None:
    answer = issued.verdict(issued.forged)
    assert answer.verdict is Verdict.NOT_SEALED_BY_US
    assert answer.signer == "Registro Impact di prova"


def test_a_paper_sealed_again_by_another_is_not_genuine(
    ca: Authority, issued: Issued, paper: Paper
) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.general import SigningError

    thief = signers.SimpleSigner.load(ca.key_file("thief"), ca.chain_file("thief"))
    for level in (Level.B_B, Level.B_LTA):
        try:
            resealed = signers.sign_pdf(
                IncrementalPdfFileWriter(BytesIO(issued.papers[level])),
                signers.PdfSignatureMetadata(field_name="Altro"),
                signer=thief,
            ).getvalue()
        except SigningError:  # it sees that the seal forbids it
            continue
        assert issued.verdict(resealed).verdict is Verdict.ALTERED


def test_sealed_by_us_but_not_in_the_register(issued: Issued) -> None:
    answer = issued.verdict(issued.other, Known())
    assert answer.verdict is Verdict.SEALED_BUT_UNKNOWN
    assert answer.number == OTHER


@pytest.mark.parametrize("name", forgeries.strangers())
def test_anything_else_is_answered_in_words(name: str, issued: Issued) -> None:
    answer = verify(
        forgeries.strangers()[name],
        trusted=issued.trusted,
        keys=issued.signer.jwks(),
        register=issued.register,
    )
    assert answer.verdict in {
        Verdict.NOT_A_CERTIFICATE,
        Verdict.UNREADABLE,
        Verdict.NOT_SEALED_BY_US,
    }
    assert answer.told
    assert answer.verdict.label


def test_a_file_is_read_in_a_process_of_its_own(issued: Issued) -> None:
    pdf = issued.papers[Level.B_LTA]
    trusted = issued.trusted
    assert look_apart(pdf, trusted) == read(
        pdf, trusted.seals, trusted.authorities, trusted.chains
    )


def test_a_credential_is_read_in_a_process_of_its_own(issued: Issued) -> None:
    keys = issued.signer.jwks()
    apart, here = open_apart(issued.jwt, keys), jws.read(issued.jwt, keys)
    assert apart.holds
    assert apart == replace(here, payload={})


def test_a_file_too_large_is_not_opened(issued: Issued) -> None:
    def look(content: bytes, trusted: Trusted) -> Reading:
        raise AssertionError("opened")

    answer = verify(
        b"%PDF-" + bytes(11 * 1024 * 1024),
        trusted=issued.trusted,
        keys=issued.signer.jwks(),
        register=issued.register,
        look=look,
    )
    assert answer.verdict is Verdict.NOT_A_CERTIFICATE


def test_every_check_has_words_for_both_ends() -> None:
    assert PASSED.keys() == FAILED.keys() >= {*CHECKS, *jws.CHECKS}


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_credential_of_ours_is_genuine(ending: str, issued: Issued) -> None:
    answer = issued.verdict(issued.jwt.encode() + ending.encode())
    assert answer.genuine, answer
    assert (answer.kind, answer.number) == (Kind.CREDENTIAL, facts()["number"])
    assert all(check.passed for check in answer.checks)


def forged_credentials(issued: Issued, folder: Path) -> dict[str, str]:
    thief = Signer(folder, issued.signer.base_url)
    return forgeries.forged_credentials(issued.jwt, issued.others, thief.sign)


def test_a_forged_credential_is_never_genuine(issued: Issued, tmp_path: Path) -> None:
    forged = forged_credentials(issued, tmp_path)
    said = {name: issued.verdict(jwt.encode()) for name, jwt in forged.items()}
    assert len(said) >= 19
    assert [name for name, answer in said.items() if answer.genuine] == []
    named = {
        "signed with another key": Verdict.NOT_SEALED_BY_US,
        "signed with another key, in our name": Verdict.ALTERED,
        "another payload": Verdict.ALTERED,
        "the payload of another": Verdict.ALTERED,
        "no algorithm": Verdict.ALTERED,
        "the signature mirrored": Verdict.ALTERED,
        "two in one": Verdict.NOT_A_CERTIFICATE,
    }
    assert {name: said[name].verdict for name in named} == named


def test_a_credential_the_register_lacks_is_told(issued: Issued) -> None:
    answer = issued.verdict(issued.jwt.encode(), Known())
    assert answer.verdict is Verdict.SEALED_BUT_UNKNOWN


def test_another_thing_we_signed_is_no_certificate(issued: Issued) -> None:
    status = issued.signer.sign({"type": ["BitstringStatusListCredential"]})
    assert issued.verdict(status.encode()).verdict is Verdict.NOT_A_CERTIFICATE
    receipt = issued.signer.sign(
        {"id": "https://x/credentials/" + OTHER}, "receipt+jwt"
    )
    assert issued.verdict(receipt.encode()).verdict is Verdict.NOT_A_CERTIFICATE


@pytest.mark.parametrize("mistake", ["another's", "of a thief", "changed"])
def test_a_paper_we_sealed_over_another_credential_is_not_called_genuine(
    mistake: str, issued: Issued, ca: Authority, paper: Paper, tmp_path: Path
) -> None:
    """Nobody but us could make one, by mistake."""
    told = {**facts(), "fingerprint": "0" * 64}
    thief = Signer(tmp_path, issued.signer.base_url)
    inside = {
        "another's": issued.others,
        "of a thief": thief.sign(credential.plain(issued.jwt)),
        "changed": issued.jwt,
    }[mistake]
    pdf = seal_of(ca, "seal", Level.B_B).seal(
        render(told, paper, enclosures(inside, "it"))
    )
    answer = issued.verdict(pdf)
    assert answer.verdict is Verdict.SEALED_BUT_UNKNOWN
    failed = {check.name for check in answer.checks if not check.passed}
    assert failed & {CREDENTIAL, AGREES}


def test_at_least_forty_forgeries_and_twenty_genuine_copies_are_tried(
    issued: Issued,
) -> None:
    assert len(CHANGES) >= 50
    journeys = len(list(forgeries.carried(issued.other)))
    assert journeys * (len(Level) + 1) * 2 >= 30  # by hash, and by the seal alone

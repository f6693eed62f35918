"""A seal covers the whole paper, says whose it is, and does not survive a change."""

import io
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from registry.certificates.rendering import render
from registry.paper import Paper
from registry.seal import (
    KeyFolder,
    Lasting,
    Level,
    NoSeal,
    NotSealed,
    PadesSeal,
    chosen,
    development_seal,
    load_pkcs12,
    load_seal,
)
from registry.seal.first import ROOM, FirstRevision
from registry.seal.hands import KeyInMemory
from registry.seal.kept import KEY, SealInUse
from registry.seal.reading import read
from registry.settings import Settings
from tests.certificates.authority import Authority, authority
from tests.certificates.papers import facts
from tests.certificates.provider import provider
from tests.certificates.token import LABEL, PIN, TOKEN, token

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture(scope="module")
def unsealed(paper: Paper) -> bytes:
    return render(facts(), paper)


@pytest.fixture(scope="module")
def sealed(unsealed: bytes, seal: PadesSeal) -> bytes:
    return seal.seal(unsealed)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("authority")) as at_work:
        yield at_work


def issued_by(ca: Authority, level: Level = Level.B_B, name: str = "seal") -> PadesSeal:
    """The body's own seal, as an authority would hand it out."""
    how = Lasting(level, ca.stamps, (ca.certificate("root"),))
    return load_seal(ca.key_file(name), ca.chain_file(name, "root"), None, how)


def settings(folder: Path, **told: str) -> Settings:
    return Settings(data_dir=folder, **told)  # type: ignore[arg-type]


def test_a_sealed_paper_begins_with_the_unsealed_one(
    unsealed: bytes, sealed: bytes, seal: PadesSeal
) -> None:
    assert sealed.startswith(unsealed)
    seal.validate(sealed)


def test_a_sealed_paper_allows_no_changes(sealed: bytes) -> None:
    with pikepdf.open(io.BytesIO(sealed)) as document:
        [reference] = document.Root.Perms.DocMDP.Reference
        assert reference.TransformParams.P == 1
        [field] = document.Root.AcroForm.Fields
        assert field.V.SubFilter == "/ETSI.CAdES.detached"


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed[:900] + bytes([sealed[900] ^ 1]) + sealed[901:],
        lambda sealed: sealed + b"\n",
        lambda sealed: sealed[: len(sealed) // 2],
    ],
    ids=["a byte", "a byte more", "half of it"],
)
def test_a_changed_paper_is_no_longer_sealed(
    change: Callable[[bytes], bytes], sealed: bytes, seal: PadesSeal
) -> None:
    with pytest.raises(NotSealed):
        seal.validate(change(sealed))


def test_an_unsealed_paper_is_not_taken_for_sealed(
    unsealed: bytes, seal: PadesSeal
) -> None:
    with pytest.raises(NotSealed):
        seal.validate(unsealed)


def test_the_seal_of_somebody_else_is_not_ours(
    unsealed: bytes, seal: PadesSeal, tmp_path: Path
) -> None:
    with pytest.raises(NotSealed):
        seal.validate(development_seal(tmp_path).seal(unsealed))


def test_a_paper_without_the_field_is_not_sealed(seal: PadesSeal) -> None:
    bare = io.BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(bare)
    with pytest.raises(NotSealed):
        seal.seal(bare.getvalue())


def test_a_paper_is_sealed_once(sealed: bytes, seal: PadesSeal) -> None:
    with pytest.raises(NotSealed):
        seal.seal(sealed)


def test_a_development_seal_says_so_and_is_kept_for_our_eyes(tmp_path: Path) -> None:
    first, again = development_seal(tmp_path), development_seal(tmp_path)
    assert first.describe() == "SIGILLO DI SVILUPPO – non qualificato"
    assert first.development
    assert first.certificate == again.certificate
    [key] = tmp_path.glob(f"*/{KEY}")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("level", Level)
def test_a_seal_is_as_lasting_as_promised(
    level: Level, ca: Authority, unsealed: bytes
) -> None:
    own = issued_by(ca, level)
    sealed = own.seal(unsealed)
    assert not own.development
    assert own.describe() == "Registro Impact di prova"
    own.validate(sealed)
    trusted = own.trusted()
    assert (
        read(sealed, trusted.seals, trusted.authorities, trusted.chains).level == level
    )


def test_a_seal_below_the_promised_level_does_not_do(
    ca: Authority, unsealed: bytes
) -> None:
    with pytest.raises(NotSealed):
        issued_by(ca, Level.B_T).validate(issued_by(ca, Level.B_B).seal(unsealed))


@pytest.mark.parametrize("authority_of_time", ["silent", "broken", "of others"])
def test_no_paper_is_sealed_without_the_right_time(
    authority_of_time: str, ca: Authority, unsealed: bytes
) -> None:
    stamps = {
        "silent": "http://127.0.0.1:9",
        "broken": f"{ca.address}/test/nothing",
        "of others": ca.stamps_of_others,
    }[authority_of_time]
    how = Lasting(Level.B_T, stamps, (ca.certificate("root"),))
    own = load_seal(ca.key_file("seal"), ca.chain_file("seal", "root"), None, how)
    with pytest.raises(NotSealed):
        own.validate(own.seal(unsealed))


def test_a_time_stamp_needs_an_authority_to_believe() -> None:
    with pytest.raises(NotSealed):
        Lasting(Level.B_T)


@pytest.mark.parametrize("name", ["seal", "rsa"])
def test_the_bodys_own_seal_is_read_from_one_file(
    name: str, ca: Authority, unsealed: bytes, tmp_path: Path
) -> None:
    key = serialization.load_pem_private_key(ca.key_file(name).read_bytes(), None)
    path = tmp_path / "seal.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"sigillo",
            key,  # type: ignore[arg-type]
            ca.certificate(name),
            [ca.certificate("root")],
            serialization.BestAvailableEncryption(b"parola"),
        )
    )
    own = load_pkcs12(path, b"parola")
    own.validate(own.seal(unsealed))
    with pytest.raises(NotSealed, match="REGISTRY_SEAL_SECRET is not its password"):
        load_pkcs12(path, b"sbagliata")
    with pytest.raises(NotSealed, match="not there"):
        load_pkcs12(tmp_path / "elsewhere.p12", b"parola")


@pytest.mark.parametrize("name", ["seal", "rsa"])
def test_a_seal_in_the_first_revision_holds_as_any_other(
    name: str, ca: Authority, paper: Paper
) -> None:
    own = issued_by(ca, name=name)
    assert isinstance(own.hand, KeyInMemory)
    sealed = FirstRevision(own.hand).seal(render(facts(), paper, room=ROOM), NOON)
    own.validate(sealed)
    assert sealed.count(b"%%EOF") == 1
    found = read(sealed, own.trusted().seals, (), own.trusted().chains)
    assert datetime.fromisoformat(found.sealed_at) == NOON
    with pytest.raises(NotSealed):
        own.validate(sealed[:900] + bytes([sealed[900] ^ 1]) + sealed[901:])


def test_a_paper_without_room_is_not_sealed_in_its_first_revision(
    ca: Authority, unsealed: bytes
) -> None:
    own = issued_by(ca)
    assert isinstance(own.hand, KeyInMemory)
    with pytest.raises(NotSealed):
        FirstRevision(own.hand).seal(unsealed, NOON)


def test_a_key_in_a_token_seals(ca: Authority, unsealed: bytes, tmp_path: Path) -> None:
    with token(tmp_path, ca, "seal") as driver:
        address = f"pkcs11:{driver}?token={TOKEN}&label={LABEL}"
        own = chosen(settings(tmp_path, seal=address, seal_secret=PIN), NOON)
        own.validate(own.seal(unsealed))
        assert own.describe() == "Registro Impact di prova"
        assert KeyFolder(tmp_path / "keys").trusted() == own.trusted()


def test_a_token_that_does_not_answer_makes_papers_wait(tmp_path: Path) -> None:
    address = "pkcs11:/nowhere/driver.so?token=x&label=y"
    own = chosen(settings(tmp_path, seal=address), NOON)
    assert own.trusted().seals == ()
    with pytest.raises(NotSealed):
        own.seal(b"%PDF-")


def test_a_key_at_a_provider_seals(
    ca: Authority, unsealed: bytes, tmp_path: Path
) -> None:
    with provider(ca, "seal", pin="1234", bearer="let me in") as address:
        told = {"seal": f"csc:{address}?credential=sigillo", "seal_secret": "1234"}
        own = chosen(settings(tmp_path, **told, seal_bearer="let me in"), NOON)
        own.validate(own.seal(unsealed))
        stranger = chosen(settings(tmp_path, **told, seal_bearer="open"), NOON)
        with pytest.raises(NotSealed):
            stranger.seal(unsealed)
        guess = chosen(
            settings(
                tmp_path, **(told | {"seal_secret": "0000"}), seal_bearer="let me in"
            ),
            NOON,
        )
        with pytest.raises(NotSealed):
            guess.seal(unsealed)
    with pytest.raises(NotSealed):
        own.seal(unsealed)


@pytest.mark.parametrize(
    "address", ["", "floppy:/a", "pkcs11:/driver.so", "csc:https://x", "pem:/x,/y"]
)
def test_a_seal_that_cannot_be_read_is_told_by_its_name(
    address: str, tmp_path: Path
) -> None:
    own = chosen(settings(tmp_path, seal=address), NOON)
    assert own.development is not bool(address)
    if address:
        with pytest.raises(NotSealed):
            own.describe()


def test_an_unknown_level_is_refused(ca: Authority, tmp_path: Path) -> None:
    key, chain = ca.key_file("seal"), ca.chain_file("seal", "root")
    own = chosen(settings(tmp_path, seal=f"pem:{key},{chain}", seal_level="B-C"), NOON)
    with pytest.raises(NotSealed):
        own.describe()


def test_what_was_sealed_before_a_rotation_still_counts(
    ca: Authority, unsealed: bytes, tmp_path: Path
) -> None:
    keys = KeyFolder(tmp_path)
    first = keys.note(issued_by(ca), NOON)
    sealed = first.seal(unsealed)
    second = keys.note(issued_by(ca, name="next"), NOON + YEAR)
    assert read(sealed, second.trusted().seals, (), second.trusted().chains).holds
    assert [(kept.subject, kept.used_until) for kept in keys.seals()] == [
        ("Registro Impact di prova", NOON + YEAR),
        ("Registro Impact di prova, secondo sigillo", None),
    ]
    with pytest.raises(NotSealed):  # but nothing new is issued under it
        second.validate(sealed)


def test_a_development_seal_is_renewed_and_the_old_key_destroyed(
    unsealed: bytes, tmp_path: Path
) -> None:
    keys = KeyFolder(tmp_path)
    first = keys.development(NOON)
    sealed = first.seal(unsealed)
    keys.renew_development(NOON + YEAR)
    second = keys.development(NOON + YEAR)
    assert second.certificate != first.certificate
    assert read(sealed, second.trusted().seals, (), second.trusted().chains).holds
    assert len(list(tmp_path.glob(f"*/{KEY}"))) == 1


def test_a_stolen_key_seals_nothing_that_counts(
    unsealed: bytes, tmp_path: Path
) -> None:
    keys = KeyFolder(tmp_path)
    sealed = keys.development(NOON).seal(unsealed)
    [name] = [kept.name for kept in keys.seals()]
    with pytest.raises(SealInUse):
        keys.retire(name, NOON)
    keys.retire(name, NOON, stolen=True)
    found = read(sealed, keys.trusted().seals, (), keys.trusted().chains)
    assert not found.holds
    assert found.checks["ours"] is False


def test_a_key_of_another_certificate_is_refused(ca: Authority, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "key.pem").write_bytes(key)
    with pytest.raises(NotSealed):
        load_seal(tmp_path / "key.pem", ca.chain_file("seal"))
    with pytest.raises(NotSealed):
        load_seal(tmp_path / "missing.pem", ca.chain_file("seal"))


def test_without_a_seal_nothing_is_sealed(unsealed: bytes) -> None:
    with pytest.raises(NotSealed):
        NoSeal().seal(unsealed)
    assert NoSeal().trusted().seals == ()


def test_the_certificate_is_the_one_of_the_authority(ca: Authority) -> None:
    made: x509.Certificate = issued_by(ca).certificate
    assert made == ca.certificate("seal")

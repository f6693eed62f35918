"""A seal covers the whole paper, says whose it is, and does not survive a change."""

import io
import stat
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from registry.certificates.rendering import render
from registry.paper import Paper
from registry.seal import (
    DEVELOPMENT_FILE,
    NoSeal,
    NotSealed,
    PadesSeal,
    development_seal,
    load_seal,
)
from tests.certificates.papers import facts


@pytest.fixture(scope="module")
def unsealed(paper: Paper) -> bytes:
    return render(facts(), paper)


@pytest.fixture(scope="module")
def sealed(unsealed: bytes, seal: PadesSeal) -> bytes:
    return seal.seal(unsealed)


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


def _with_another_title(sealed: bytes) -> bytes:
    """The title changed in a later revision, which pyHanko alone calls valid."""
    from pyhanko.pdf_utils.generic import pdf_name, pdf_string
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    info = writer.trailer["/Info"]
    info[pdf_name("/Title")] = pdf_string("Altro")
    writer.update_container(info)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: (
            sealed.replace(b"IMP-2026", b"IMP-2027", 1)
            if b"IMP-2026" in sealed
            else sealed[:900] + bytes([sealed[900] ^ 1]) + sealed[901:]
        ),
        lambda sealed: sealed + b"\n",
        lambda sealed: sealed[: len(sealed) // 2],
        _with_another_title,
    ],
    ids=["a byte", "a byte more", "half of it", "another title"],
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
    assert stat.S_IMODE((tmp_path / DEVELOPMENT_FILE).stat().st_mode) == 0o600


def test_the_bodys_own_seal_is_read_from_its_files(
    unsealed: bytes, tmp_path: Path
) -> None:
    development_seal(tmp_path)
    both = tmp_path / DEVELOPMENT_FILE
    own = load_seal(both, both)
    assert not own.development
    own.validate(own.seal(unsealed))


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    development_seal(tmp_path)
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "key.pem").write_bytes(key)
    with pytest.raises(NotSealed):
        load_seal(tmp_path / "key.pem", tmp_path / DEVELOPMENT_FILE)
    with pytest.raises(NotSealed):
        load_seal(tmp_path / "missing.pem", tmp_path / DEVELOPMENT_FILE)


def test_without_a_seal_nothing_is_sealed(unsealed: bytes) -> None:
    with pytest.raises(NotSealed):
        NoSeal().seal(unsealed)

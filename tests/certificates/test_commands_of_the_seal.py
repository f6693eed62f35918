"""What an operator, or anybody with the file, does at the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from registry.certificates.commands import certificates_cli
from registry.certificates.models import Credential
from registry.certificates.seal_commands import keys_cli, verify_command
from registry.db import db as database
from registry.seal import KeyFolder
from registry.services import services
from registry.signing import Signer
from registry.storage import Storage
from tests import factories


@pytest.fixture
def run(app: Flask) -> Any:
    runner = app.test_cli_runner()

    def call(command: Any, *words: str | Path) -> Any:
        return runner.invoke(command, list(map(str, words)))

    return call


@pytest.fixture
def certified(app: Flask, storage: Storage, tmp_path: Path) -> Path:
    certificate = factories.certified()
    assert certificate.sha256
    path = tmp_path / "attestato.pdf"
    path.write_bytes(storage.read(certificate.sha256))
    return path


def test_a_certificate_is_genuine_for_the_register(run: Any, certified: Path) -> None:
    said = run(verify_command, certified, "--register")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("genuine\tIMP-2026-000001-")


def test_away_from_the_register_the_seal_is_looked_at_and_the_rest_is_named(
    run: Any, certified: Path
) -> None:
    said = run(verify_command, certified)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("sealed\tIMP-2026-000001-")
    assert "what it is worth today" in said.output
    assert "NO" not in said.output.split("Not checked")[0].replace("NON", "")


def test_a_changed_certificate_is_told_and_fails(run: Any, certified: Path) -> None:
    whole = certified.read_bytes()
    certified.write_bytes(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    for option in ("--register", "--offline"):
        said = run(verify_command, certified, option)
        assert said.exit_code == 6
        assert said.output.startswith("altered\t")
        assert "NO   The sealed bytes were changed." in said.output


def test_whoever_holds_the_certificate_of_the_seal_needs_nothing_else(
    run: Any, certified: Path, tmp_path: Path, seal: Any
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    published = tmp_path / "sigillo.pem"
    published.write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    assert run(verify_command, certified, "--seal", published).exit_code == 0
    other = KeyFolder(tmp_path / "other").development(services().clock.now())
    published.write_bytes(other.certificate.public_bytes(Encoding.PEM))
    said = run(verify_command, certified, "--seal", published)
    assert said.exit_code == 5
    assert said.output.startswith("not_sealed_by_us\t")
    published.write_bytes(b"nothing")
    assert run(verify_command, certified, "--seal", published).exit_code == 1


def test_a_credential_alone_is_read_with_the_keys_that_are_published(
    app: Flask, run: Any, certified: Path, tmp_path: Path
) -> None:
    kept = database.session.scalars(select(Credential)).one()
    jwt, badge = tmp_path / "credenziale.vc.jwt", tmp_path / "badge.jwt"
    jwt.write_text(kept.jwt)
    badge.write_text(kept.badge + "\n")
    keys = tmp_path / "jwks.json"
    keys.write_text(app.test_client().get("/.well-known/jwks.json").text)
    for file in (jwt, badge):
        assert run(verify_command, file, "--register").output.startswith("genuine\t")
        said = run(verify_command, file, "--keys", keys)
        assert said.exit_code == 0, said.output
        assert said.output.startswith("signed\tIMP-2026-000001-")
        assert "Our signature is on this text, and holds." in said.output
    other = Signer(tmp_path / "other", "http://localhost")
    other.sign({})
    keys.write_text(json.dumps(other.jwks()))
    said = run(verify_command, jwt, "--keys", keys)
    assert said.exit_code == 5
    assert said.output.startswith("not_sealed_by_us\t")
    paper = run(verify_command, certified, "--keys", keys)
    assert paper.exit_code == 3  # sealed by us, over a credential that is not
    assert "NO   The credential inside" in paper.output
    keys.write_text("[]")
    assert run(verify_command, jwt, "--keys", keys).exit_code == 1


def test_of_several_files_the_worst_is_the_exit_status(
    run: Any, certified: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "foto.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    said = run(verify_command, certified, picture, "--register")
    assert said.exit_code == 4
    assert f"{certified}: genuine\t" in said.output
    assert f"{picture}: not_a_certificate\t" in said.output
    assert run(verify_command).exit_code == 2


def test_seals_are_listed_renewed_and_retired(run: Any) -> None:
    assert run(keys_cli, "list").output == ""
    assert run(keys_cli, "new").output == "In use: development-1\n"
    assert run(keys_cli, "retire", "development-1").exit_code == 1
    assert run(keys_cli, "new").output == "In use: development-2\n"
    first, second = run(keys_cli, "list").output.splitlines()
    assert first.startswith("development-1\t2026-03-02\t2026-03-02\t")
    assert second.startswith("development-2\t2026-03-02\tin use\t")
    assert run(keys_cli, "retire", "development-2", "--stolen").exit_code == 0
    assert "STOLEN" in run(keys_cli, "list").output
    assert run(keys_cli, "retire", "nothing").exit_code == 1


@pytest.mark.parametrize("language", ["it", "en", "it+en"])
def test_a_paper_is_previewed(run: Any, language: str, tmp_path: Path) -> None:
    said = run(
        certificates_cli,
        *("preview", "impact/2022", "--language", language, "--to", tmp_path),
    )
    assert said.exit_code == 0, said.output
    made = sorted(path.name for path in tmp_path.glob("impact-2022-*"))
    stem = f"impact-2022-{language}"
    assert made == [f"{stem}-1.png", f"{stem}-2.png", f"{stem}.pdf"]


def test_no_paper_of_an_edition_that_is_not_there(run: Any) -> None:
    assert run(certificates_cli, "preview", "impact/1822").exit_code == 1


def test_the_key_of_the_credentials_is_renewed_and_old_credentials_stay_good(
    run: Any, certified: Path, app: Flask
) -> None:
    [kept] = database.session.scalars(select(Credential))
    old, jwt = services().signer.known()[-1].kid, kept.jwt
    said = run(keys_cli, "new", "--credential")
    assert said.exit_code == 0, said.output
    new = services().signer.known()[-1].kid
    assert new in said.output
    assert new != old
    listed = run(keys_cli, "list").output
    assert f"{new}\t2026-03-02\tin use\tcredentials" in listed
    assert f"{old}\t–\t2026-03-02\tcredentials" in listed
    told = [key["kid"] for key in services().signer.jwks()["keys"]]
    assert told == [old, new]
    assert services().signer.read(jwt)
    browser = app.test_client()
    for address in ("/.well-known/did.json", "/.well-known/jwks.json"):
        text = browser.get(address).text
        assert old in text
        assert new in text
    assert run(verify_command, certified, "--register").exit_code == 0
    another = factories.certified()
    assert another.credential is not None
    assert services().signer.read(another.credential.jwt)


def test_a_stolen_key_of_the_credentials_is_given_up_once_there_is_another(
    run: Any, certified: Path
) -> None:
    old = services().signer.known()[-1].kid
    assert run(keys_cli, "retire", old).exit_code == 2
    assert run(keys_cli, "retire", old, "--stolen").exit_code == 1
    run(keys_cli, "new", "--credential")
    assert run(keys_cli, "retire", old, "--stolen").exit_code == 0
    assert "STOLEN" in run(keys_cli, "list").output
    assert old not in str(services().signer.jwks())
    assert run(keys_cli, "retire", f"{old}x", "--stolen").exit_code == 1

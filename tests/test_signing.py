"""What the registry signs can be traced to it, and to nobody else."""

import base64
import json
from datetime import date
from pathlib import Path

import pytest

from registry.signing import InUse, NotOurs, Signer, canonical, web_did

TODAY = date(2026, 11, 25)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "credentials", "https://registro.example")


def test_canonical_json_is_as_rfc_8785_wants_it() -> None:
    told = {"b": [True, None, 12], "a": 'è\u2028\x1f"\\/\n', "B": {"z": 1, "y": ""}}
    assert (
        canonical(told).decode()
        == '{"B":{"y":"","z":1},"a":"è\u2028\\u001f\\"\\\\/\\n","b":[true,null,12]}'
    )


def test_fractions_are_not_signed() -> None:
    with pytest.raises(ValueError, match="fractions"):
        canonical({"a": [{"b": 0.5}]})


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://registro.example", "did:web:registro.example"),
        ("http://localhost:8000", "did:web:localhost%3A8000"),
        ("http://127.0.0.1:8000", "did:web:localhost%3A8000"),
    ],
)
def test_the_registry_is_named_after_its_address(address: str, name: str) -> None:
    assert web_did(address) == name


def test_what_was_signed_is_read_again(signer: Signer) -> None:
    jwt = signer.sign({"a": "b"})
    assert signer.read(jwt) == {"a": "b"}
    header = json.loads(base64.urlsafe_b64decode(jwt.split(".")[0] + "=="))
    [method] = signer.document()["verificationMethod"]
    assert header == {
        "alg": "ES256",
        "typ": "vc+jwt",
        "cty": "vc",
        "kid": method["id"],
    }
    assert "d" not in method["publicKeyJwk"]
    assert [key["kid"] for key in signer.jwks()["keys"]] == [method["id"]]


def test_a_changed_credential_is_not_ours(signer: Signer, tmp_path: Path) -> None:
    jwt = signer.sign({"a": "b"})
    header, payload, signature = jwt.split(".")
    other = Signer(tmp_path / "other", signer.base_url).sign({"a": "b"})
    none = _coded({"alg": "none", "typ": "vc+jwt"})
    untyped = _coded({**_header(jwt), "typ": "JWT"})
    last = "AQgw"[("AQgw".index(signature[-1]) + 1) % 4]
    for forged in (
        f"{header}.{_coded({'a': 'c'})}.{signature}",
        f"{none}.{payload}.",
        f"{untyped}.{payload}.{signature}",
        f"{header}.{payload}.{signature[:-1]}{last}",
        f"{header}.{payload}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}",
        other,
        f"{jwt}.",
        "",
        "é.é.é",
        "a" * (1024 * 1024 + 1),
    ):
        with pytest.raises(NotOurs):
            signer.read(forged)


def test_after_a_renewal_old_credentials_are_still_ours(signer: Signer) -> None:
    before = signer.sign({"a": "before"})
    kid = signer.renew(TODAY)
    after = signer.sign({"a": "after"})
    assert [signer.read(jwt)["a"] for jwt in (before, after)] == ["before", "after"]
    assert _header(after)["kid"] == kid != _header(before)["kid"]
    assert len(signer.document()["assertionMethod"]) == 2
    kept = [json.loads(path.read_text()) for path in sorted(signer.folder.glob("*"))]
    assert ["d" in key for key in kept] == [False, True]


def test_what_a_stolen_key_signed_counts_no_more_and_nobody_is_told_the_key(
    signer: Signer,
) -> None:
    stolen = signer.sign({"a": "stolen"})
    kid = _header(stolen)["kid"]
    with pytest.raises(InUse):
        signer.distrust(kid)
    new = signer.renew(TODAY)
    signer.distrust(kid)
    with pytest.raises(NotOurs):
        signer.read(stolen)
    assert [method["id"] for method in signer.document()["verificationMethod"]] == [new]
    assert [key["kid"] for key in signer.jwks()["keys"]] == [new]
    assert [(one.kid, one.stolen) for one in signer.known()] == [
        (kid, True),
        (new, False),
    ]
    assert signer.read(signer.sign({"a": "b"})) == {"a": "b"}


def test_the_key_is_for_its_owner_only(signer: Signer) -> None:
    signer.sign({})
    signer.renew(TODAY)
    modes = {path.stat().st_mode & 0o777 for path in signer.folder.iterdir()}
    assert modes == {0o600}


def _header(jwt: str) -> dict[str, str]:
    told: dict[str, str] = json.loads(
        base64.urlsafe_b64decode(jwt.split(".")[0] + "==")
    )
    return told


def _coded(told: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()

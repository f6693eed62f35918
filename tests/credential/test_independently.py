"""
Libraries of others verify our credentials: jose the signature, Digital Bazaar's the
status lists, canonicalize the form that is hashed, jsonld the words.

They come from npm, locked; bin/test installs them.
"""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.models import Role
from registry.certificates import operations
from registry.certificates.models import Certificate
from registry.clock import FixedClock
from registry.db import db as database
from registry.services import services
from registry.signing import Signer
from tests import factories

HERE = Path(__file__).parent


def looked_at(client: FlaskClient, jwts: dict[str, str]) -> dict[str, Any]:
    """What the libraries of others say of each."""
    assert (HERE / "node_modules").is_dir(), "run: npm ci --prefix tests/credential"
    given = {
        "did": client.get("/.well-known/did.json").get_json(),
        "jwks": client.get("/.well-known/jwks.json").get_json(),
        "lists": {
            f"http://localhost/status/{purpose}": client.get(f"/status/{purpose}").text
            for purpose in ("revocation", "suspension")
        },
        "jwts": jwts,
    }
    node = shutil.which("node")
    assert node, "install nodejs"
    version = subprocess.run([node, "--version"], capture_output=True, check=True)
    old = version.stdout.startswith(b"v18.")  # its cryptography is not global yet
    done = subprocess.run(
        [
            node,
            *(["--experimental-global-webcrypto"] if old else []),
            str(HERE / "verify.mjs"),
        ],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def signed(certificate: Certificate) -> str:
    assert certificate.credential is not None
    return certificate.credential.jwt


@pytest.fixture
def three(app: Flask, clock: FixedClock) -> dict[str, Certificate]:
    """A valid certificate, a suspended and a withdrawn one."""
    member = factories.person(Role.COMMITTEE)
    made = {name: factories.certified() for name in ("valid", "suspended", "withdrawn")}
    by = {"by": member, "at": clock.now()}
    operations.suspend(made["suspended"], "suspended_misuse", **by)
    operations.withdraw(made["withdrawn"], "withdrawn_misuse", **by)
    database.session.commit()
    return made


def test_others_find_our_credentials_good_and_their_status_right(
    three: dict[str, Certificate], client: FlaskClient
) -> None:
    jwts = {name: signed(certificate) for name, certificate in three.items()}
    badges = {
        f"badge of {name}": str(certificate.credential and certificate.credential.badge)
        for name, certificate in three.items()
    }
    lists = {
        purpose: client.get(f"/status/{purpose}").text
        for purpose in ("revocation", "suspension")
    }
    found = looked_at(client, {**jwts, **badges, **lists})
    assert {answer["holds"] for answer in found.values()} == {True}
    expected = {
        "valid": {"revocation": False, "suspension": False},
        "suspended": {"revocation": False, "suspension": True},
        "withdrawn": {"revocation": True, "suspension": False},
    }
    for name, status in expected.items():
        assert found[name]["status"] == status
        assert found[f"badge of {name}"]["status"] == status
        assert found[name]["canonical"] == three[name].facts["fingerprint"]
        assert found[f"badge of {name}"]["expands"] is True
    assert found["revocation"]["expands"] is True  # UNTP’s own context is not on npm


def test_others_refuse_what_we_did_not_sign(
    three: dict[str, Certificate], client: FlaskClient, tmp_path: Path
) -> None:
    jwt = signed(three["valid"])
    header, payload, signature = jwt.split(".")
    told = json.loads(base64.urlsafe_b64decode(payload + "=="))
    ours = services().signer
    longer = coded({**told, "validUntil": "2099-01-01T00:00:00Z"})
    head = json.loads(base64.urlsafe_b64decode(header + "=="))
    found = looked_at(
        client,
        {
            "tampered": f"{header}.{longer}.{signature}",
            "alg none": f"{coded({**head, 'alg': 'none'})}.{payload}.",
            "wrong typ": f"{coded({**head, 'typ': 'JWT'})}.{payload}.{signature}",
            "another key": Signer(tmp_path / "x", ours.base_url).sign(told),
            "another issuer": ours.sign({**told, "issuer": {"id": "did:web:x"}}),
            "cut short": jwt[:-10],
        },
    )
    assert {name: answer["holds"] for name, answer in found.items()} == dict.fromkeys(
        found, False
    )


def test_after_a_new_key_others_still_verify_the_old_credential(
    three: dict[str, Certificate], client: FlaskClient
) -> None:
    services().signer.renew(services().today())
    found = looked_at(client, {"old": signed(three["suspended"])})
    assert found["old"]["status"] == {"revocation": False, "suspension": True}


def coded(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()

"""A certification authority of our own, with a time-stamp service, on the loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry.common import ArchLabel, CertLabel
from certomancer.registry.config import CertomancerConfig
from certomancer.registry.pki_arch import PKIArchitecture
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.serving import make_server

YEARS = {
    "valid-from": "2020-01-01T00:00:00+0000",
    "valid-to": "2045-01-01T00:00:00+0000",
}
CA = [
    {"id": "basic_constraints", "critical": True, "value": {"ca": True}},
    {
        "id": "key_usage",
        "critical": True,
        "smart-value": {
            "schema": "key-usage",
            "params": ["digital_signature", "key_cert_sign", "crl_sign"],
        },
    },
]
SEALING = [
    {
        "id": "key_usage",
        "critical": True,
        "smart-value": {
            "schema": "key-usage",
            "params": ["digital_signature", "non_repudiation"],
        },
    },
    {
        "id": "authority_information_access",
        "smart-value": {
            "schema": "aia-urls",
            "params": {"ocsp-responder-names": ["ocsp"]},
        },
    },
    {
        "id": "crl_distribution_points",
        "smart-value": {
            "schema": "crl-dist-url",
            "params": {"crl-repo-names": ["crl"]},
        },
    },
]


def _only_for(purpose: str) -> dict[str, Any]:
    return {
        "id": "extended_key_usage",
        "critical": True,
        "value": [purpose],
    }


def _certificate(subject: str, issuer: str, *extensions: dict[str, Any]) -> Any:
    return {
        "subject": subject,
        "issuer": issuer,
        "subject-key": subject,
        "authority-key": issuer,
        "validity": YEARS,
        "extensions": list(extensions),
    }


OWNERS = {
    "root": "Radice di prova",
    "seal": "Registro Impact di prova",
    "rsa": "Registro Impact di prova (RSA)",
    "next": "Registro Impact di prova, secondo sigillo",
    "tsa": "Orologio di prova",
    "ocsp": "OCSP di prova",
    "thief": "Registro Impact di prova",
    "other-root": "Radice di altri",
    "other-tsa": "Orologio di altri",
}
NO_OCSP = {"id": "ocsp_no_check"}
ARCHITECTURE: dict[str, Any] = {
    "keyset": "keys",
    "entity-defaults": {"country-name": "IT", "organization-name": "Prova"},
    "entities": {name: {"common-name": told} for name, told in OWNERS.items()},
    "certs": {
        "root": _certificate("root", "root", *CA),
        "other-root": _certificate("other-root", "other-root", *CA),
        "seal": _certificate("seal", "root", *SEALING),
        "rsa": _certificate("rsa", "root", *SEALING),
        "next": _certificate("next", "root", *SEALING),
        "thief": _certificate("thief", "other-root", SEALING[0]),
        "tsa": _certificate("tsa", "root", SEALING[0], _only_for("time_stamping")),
        "other-tsa": _certificate(
            "other-tsa", "other-root", SEALING[0], _only_for("time_stamping")
        ),
        "ocsp": _certificate(
            "ocsp", "root", SEALING[0], _only_for("ocsp_signing"), NO_OCSP
        ),
    },
    "services": {
        "ocsp": {
            "ocsp": {
                "for-issuer": "root",
                "responder-cert": "ocsp",
                "signing-key": "ocsp",
            }
        },
        "crl-repo": {
            "crl": {
                "for-issuer": "root",
                "signing-key": "root",
                "simulated-update-schedule": "P90D",
            }
        },
        "time-stamping": {
            "tsa": {"signing-key": "tsa", "signing-cert": "tsa"},
            "other": {"signing-key": "other-tsa", "signing-cert": "other-tsa"},
        },
    },
}


@dataclass(frozen=True)
class Authority:
    """What the registry would be handed by a provider, and files for it."""

    folder: Path
    address: str
    architecture: PKIArchitecture

    @property
    def stamps(self) -> str:
        """Where time is stamped."""
        return f"{self.address}/test/tsa/tsa"

    @property
    def stamps_of_others(self) -> str:
        """Where an authority we do not know stamps it."""
        return f"{self.address}/test/tsa/other"

    def certificate(self, name: str) -> x509.Certificate:
        """The certificate of that name."""
        made = self.architecture.get_cert(CertLabel(name))
        return x509.load_der_x509_certificate(made.dump())

    def key_file(self, name: str) -> Path:
        """The private key of that name, as PEM."""
        return self.folder / f"{name}.key.pem"

    def chain_file(self, *names: str) -> Path:
        """These certificates in one PEM file."""
        path = self.folder / f"{'-'.join(names)}.pem"
        pem = serialization.Encoding.PEM
        path.write_bytes(b"".join(self.certificate(n).public_bytes(pem) for n in names))
        return path


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """The authority at work, answering on a free port until the end."""
    _make_keys(folder)
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    config = CertomancerConfig(
        yaml.safe_load(
            yaml.safe_dump(
                {
                    "keysets": {"keys": {"path-prefix": ".", "keys": _key_files()}},
                    "pki-architectures": {"test": ARCHITECTURE},
                }
            )
        ),
        key_search_dir=str(folder),
        external_url_prefix=address,
    )
    store = AnimatorArchStore(config.pki_archs)
    server.app = Animator(store, with_web_ui=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Authority(folder, address, config.get_pki_arch(ArchLabel("test")))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _key_files() -> dict[str, Any]:
    return {name: {"path": f"{name}.key.pem"} for name in OWNERS}


def _make_keys(folder: Path) -> None:
    for name in OWNERS:
        key: Any = ec.generate_private_key(ec.SECP256R1())
        if name == "rsa":
            key = rsa.generate_private_key(65537, 3072)
        (folder / f"{name}.key.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

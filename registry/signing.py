"""JSON in, signed JSON out: the key of the registry's credentials, and its name.

Credentials are JSON Web Signatures (`vc+jwt`, ES256) as W3C “Securing Verifiable
Credentials using JOSE and COSE” has them. Who signed is a name on the web, `did:web`,
whose document lists every key ever used, but for stolen ones: what an old key signed
stays good.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey

from registry.errors import N_, Conflict, Invalid
from registry.seal.jws import ALGORITHM, TYPE, read
from registry.storage import keep_secret

CURVE = "P-256"

Payload = Mapping[str, Any]


class NotOurs(Invalid):
    """Not a credential, or not one that a key of ours signed."""


class InUse(Conflict):
    """The key signs today."""


#: Made once: a long list is a hundred thousand of them.
_in_one_form = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False
).encode


def canonical_texts(texts: Mapping[str, str]) -> bytes:
    """The same as `canonical` where there are texts alone, and no fraction can be."""
    return _in_one_form(texts).encode()


def canonical(payload: Payload) -> bytes:
    """
    JSON in the one form that is hashed and signed (JCS, RFC 8785).

    Ours holds text, whole numbers and plain keys only, for which the rules about
    fractions and about letters beyond the first plane do not matter; a fraction raises
    ValueError.
    """
    _refuse_fractions(payload)
    return _in_one_form(payload).encode()


def web_did(base_url: str) -> str:
    """
    The name of whoever answers at `base_url`, as `did:web` writes it.

    The method knows no numeric addresses: 127.0.0.1 is called localhost.
    """
    host = urlsplit(base_url).netloc.replace("127.0.0.1", "localhost")
    return f"did:web:{quote(host, safe='')}"


@dataclass(frozen=True)
class Known:
    """A key of ours: its id, and what was noted of it (days in ISO, or "")."""

    kid: str
    used_from: str
    used_until: str
    stolen: bool


@dataclass(frozen=True)
class Signer:
    """
    The keys in `folder`, one file for each, numbered as they were made.

    The last one signs; the others are kept without their private half. One that was
    stolen is kept as well, but not believed and not told to anybody.
    """

    folder: Path
    base_url: str

    @property
    def did(self) -> str:
        """Who signs."""
        return web_did(self.base_url)

    def sign(self, payload: Payload, kind: str = TYPE) -> str:
        """
        The payload as a signed credential, or as another `kind` of token.

        A key is made when there is none. What was signed as one kind is never read
        as another.
        """
        key = self._keys()[-1]
        content = {"cty": "vc"} if kind == TYPE else {}
        header = {"alg": ALGORITHM, "typ": kind, **content, "kid": self._kid(key)}
        signed = jws.serialize_compact(
            header, canonical(payload), key, algorithms=[ALGORITHM]
        )
        return str(signed)

    def read(self, jwt: str, kind: str = TYPE) -> dict[str, Any]:
        """What a token of ours of that kind says; raises NotOurs for anything else."""
        opened = read(jwt, self.jwks())
        if not opened.signed or opened.typ != kind:
            raise NotOurs(N_("This is not a credential that the registry signed."))
        return opened.payload

    def document(self) -> dict[str, Any]:
        """The document of our name: every key whose word still counts (did:web)."""
        methods = [
            {
                "id": self._kid(key),
                "type": "JsonWebKey",
                "controller": self.did,
                "publicKeyJwk": {**_public(key), "kid": key.thumbprint()},
            }
            for key in self._believed()
        ]
        return {
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/jwk/v1",
            ],
            "id": self.did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }

    def jwks(self) -> dict[str, Any]:
        """The same keys as a JSON Web Key Set (RFC 7517)."""
        return {
            "keys": [
                {**_public(key), "kid": self._kid(key)} for key in self._believed()
            ]
        }

    def renew(self, on: date) -> str:
        """Sign with a new key from the day `on`; returns its id. What is signed stays.

        The private half of the one before is destroyed.
        """
        before = len(self._keys())
        self._keep(before + 1, ECKey.generate_key(CURVE), used_from=on.isoformat())
        self._note(before, d=None, used_until=on.isoformat())
        return self._kid(self._keys()[-1])

    def distrust(self, kid: str) -> None:
        """Believe nothing more that a stolen key signed; raises InUse, or NotOurs."""
        kids = [self._kid(key) for key in self._keys()]
        if kid not in kids:
            raise NotOurs(N_("No key of ours has this name."))
        if kid == kids[-1]:
            raise InUse(N_("This key is in use: make a new one first."))
        self._note(kids.index(kid) + 1, stolen=True)

    def known(self) -> list[Known]:
        """Every key, the one that signs last; none before anything was signed."""
        return [
            Known(
                self._kid(ECKey.import_key(told)),
                told.get("used_from", ""),
                told.get("used_until", ""),
                told.get("stolen", False),
            )
            for told in self._kept()
        ]

    def _keys(self) -> list[ECKey]:
        return [ECKey.import_key(told) for told in self._told()]

    def _believed(self) -> list[ECKey]:
        return [
            ECKey.import_key(told) for told in self._told() if not told.get("stolen")
        ]

    def _told(self) -> list[dict[str, Any]]:
        if not self._kept():
            self._keep(1, ECKey.generate_key(CURVE))
        return self._kept()

    def _kept(self) -> list[dict[str, Any]]:
        files = sorted(self.folder.glob("*.json"), key=lambda path: int(path.stem))
        return [json.loads(path.read_text()) for path in files]

    def _kid(self, key: ECKey) -> str:
        return f"{self.did}#{key.thumbprint()}"

    def _keep(self, number: int, key: ECKey, **noted: str) -> None:
        told = json.dumps({**key.as_dict(private=True), **noted})
        keep_secret(self.folder / f"{number}.json", told)

    def _note(self, number: int, **noted: Any) -> None:
        """Write something down with a key; what is noted as None is forgotten."""
        path = self.folder / f"{number}.json"
        told = {**json.loads(path.read_text()), **noted}
        fresh = self.folder / f".{number}"
        fresh.touch(mode=0o600)
        kept = {name: value for name, value in told.items() if value is not None}
        fresh.write_text(json.dumps(kept))
        fresh.replace(path)


def _public(key: ECKey) -> dict[str, Any]:
    told = key.as_dict(private=False)
    shape = {name: told[name] for name in ("kty", "crv", "x", "y")}
    return {**shape, "alg": ALGORITHM, "use": "sig"}


def _refuse_fractions(node: Any) -> None:
    if isinstance(node, float):
        raise ValueError("no fractions in what is signed")
    inside = node.values() if isinstance(node, Mapping) else node
    if isinstance(node, Mapping | list | tuple):
        for one in inside:
            _refuse_fractions(one)

"""Who holds the private key of the seal: a file, a token, or a provider far away.

Each hand knows its certificates and lends a signer of pyHanko's for one file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import aiohttp
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.sign import signers
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCCredentialInfo,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from pyhanko_certvalidator.registry import SimpleCertificateStore

from registry.errors import N_
from registry.seal.door import NotSealed

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
#: Seconds a provider may take for one answer.
PATIENCE = 30


class Hand(Protocol):
    """Whoever holds the key."""

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """The certificate of the key, then those above it; raises NotSealed."""
        ...

    def signer(self) -> AbstractAsyncContextManager[signers.Signer]:
        """A signer for one file; raises NotSealed."""
        ...


def der(certificate: x509.Certificate) -> bytes:
    """A certificate as the bytes that are signed and compared."""
    return certificate.public_bytes(serialization.Encoding.DER)


@dataclass(frozen=True)
class KeyInMemory:
    """A key read from a file, parsed once; `chain` are the certificates above it."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.key, PrivateKey):
            raise NotSealed(N_("The key of the seal must be EC or RSA."))
        if self.certificate.public_key() != self.key.public_key():
            raise NotSealed(N_("The certificate of the seal is not that of its key."))

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """The certificate of the key, then those above it."""
        return (self.certificate, *self.chain)

    @asynccontextmanager
    async def signer(self) -> AsyncIterator[signers.Signer]:
        """A signer for one file."""
        yield self._signer

    @cached_property
    def _signer(self) -> "_KeptKeySigner":
        return _KeptKeySigner(self)


class _KeptKeySigner(signers.SimpleSigner):
    """Signs with a key parsed once; pyHanko parses it anew, twice a signature."""

    def __init__(self, hand: KeyInMemory) -> None:
        self._key = hand.key
        plain = hand.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        super().__init__(
            signing_cert=_parsed(hand.certificate),
            signing_key=asn1_keys.PrivateKeyInfo.load(plain),
            cert_registry=_store(hand.chain),
        )

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}[
            digest_algorithm
        ]
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(digest))
        return self._key.sign(data, padding.PKCS1v15(), digest)


@dataclass(frozen=True)
class KeyInToken:
    """A key that never leaves its token, reached by PKCS#11.

    `library` is the driver, `token` and `label` are what the token calls itself and the
    pair of key and certificate. One session is kept and used by one thread at a time.
    """

    library: Path
    token: str
    label: str
    pin: str = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """The certificate in the token, then those above it."""
        loaded = x509.load_der_x509_certificate(self._opened.signing_cert.dump())
        return (loaded, *self.chain)

    @asynccontextmanager
    async def signer(self) -> AsyncIterator[signers.Signer]:
        """A signer for one file, alone at the token."""
        with self._lock:
            yield self._opened

    @cached_property
    def _opened(self) -> Any:
        from pkcs11.exceptions import PKCS11Error
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

        try:
            session = open_pkcs11_session(
                str(self.library),
                token_criteria=TokenCriteria(label=self.token),
                user_pin=self.pin,
            )
            signer = PKCS11Signer(
                session,
                cert_label=self.label,
                ca_chain=[_parsed(one) for one in self.chain],
            )
            # Many tokens hash nothing themselves for elliptic curves.
            signer.use_raw_mechanism = signer.signing_cert.public_key.algorithm == "ec"
        except (PKCS11Error, RuntimeError, OSError) as refused:
            raise NotSealed(N_("The token with the seal does not answer.")) from refused
        return signer


@dataclass(frozen=True)
class KeyAtProvider:
    """A key kept by a trust service provider, reached by the CSC API, version 1.

    `address` is what precedes `/csc/v1/`; `pin` authorises one signature, `bearer` lets
    us in.
    """

    address: str
    credential: str
    pin: str = field(repr=False)
    bearer: str = field(default="", repr=False)

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """What the provider says: the certificate of the key, then those above it."""
        credential = self._credential
        return tuple(
            x509.load_der_x509_certificate(one.dump())
            for one in (credential.signing_cert, *credential.chain)
        )

    @asynccontextmanager
    async def signer(self) -> AsyncIterator[signers.Signer]:
        """A signer for one file."""
        async with aiohttp.ClientSession() as session:
            manager = _PinAuthorisation(
                session, self._service, await self._ask(session), self.pin
            )
            yield CSCSigner(session, manager, sign_timeout=PATIENCE)

    @property
    def _service(self) -> CSCServiceSessionInfo:
        return CSCServiceSessionInfo(self.address, self.credential, self.bearer or None)

    @cached_property
    def _credential(self) -> CSCCredentialInfo:
        async def ask() -> CSCCredentialInfo:
            async with aiohttp.ClientSession() as session:
                return await self._ask(session)

        return asyncio.run(ask())

    async def _ask(self, session: aiohttp.ClientSession) -> CSCCredentialInfo:
        try:
            return await fetch_certs_in_csc_credential(
                session, self._service, timeout=PATIENCE
            )
        except Exception as refused:  # pyHanko lets anything through
            raise NotSealed(
                N_("The provider of the seal does not answer.")
            ) from refused


class _PinAuthorisation(CSCAuthorizationManager):
    """Asks the provider to let one hash be signed, by PIN (credentials/authorize)."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        service: CSCServiceSessionInfo,
        credential: CSCCredentialInfo,
        pin: str,
    ) -> None:
        super().__init__(service, credential)
        self._session, self._pin = session, pin

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        """The provider's leave to sign these hashes."""
        asked = self.format_csc_auth_request(
            num_signatures=len(hash_b64s), pin=self._pin, hash_b64s=hash_b64s
        )
        async with self._session.post(
            f"{self.csc_session_info.service_url}/csc/v1/credentials/authorize",
            headers=self.auth_headers,
            json=asked,
            raise_for_status=True,
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
        ) as answer:
            return self.parse_csc_auth_response(await answer.json())


def _parsed(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(der(certificate))


def _store(certificates: Iterable[x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(_parsed(one) for one in certificates)
    return store

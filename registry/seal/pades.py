"""
The seal itself: a PAdES certification signature that allows no change afterwards.

It is put into the empty field the paper was printed with, in an incremental update: the
sealed file begins with the unsealed one, byte for byte (ETSI EN 319 142-1).
"""

import asyncio
import io
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import aiohttp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend

from registry.errors import N_
from registry.garbage import looked_for_once
from registry.seal.door import FIELD, Level, NotSealed, Trusted
from registry.seal.hands import Hand, der
from registry.seal.reading import read

#: Room for signature and certificates; asking pyHanko to estimate signs twice.
RESERVED = 16_384
RESERVED_WITH_TIME = 49_152
#: Seconds the authority may take for one stamp.
PATIENCE = 20


@dataclass(frozen=True)
class Lasting:
    """
    How long a seal can be checked, and with whose help.

    `stamps` is the address of the time-stamp authority (RFC 3161); `authorities` are
    the roots of that authority and of the issuer of our certificate.
    """

    level: Level = Level.B_B
    stamps: str = ""
    authorities: tuple[x509.Certificate, ...] = ()

    def __post_init__(self) -> None:
        if self.level is not Level.B_B and not (self.stamps and self.authorities):
            raise NotSealed(
                N_("A seal with a time-stamp needs an authority and its certificate.")
            )


@dataclass(frozen=True)
class PadesSeal:
    """
    The seal of the body.

    `retired` are the certificates of the seals used before: what they sealed still
    counts, and so are `authorities` in it those believed then.
    """

    hand: Hand
    lasting: Lasting = Lasting()
    development: bool = False
    retired: Trusted = field(default_factory=Trusted)

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate of the key."""
        return self.hand.certificates()[0]

    def seal(self, pdf: bytes) -> bytes:
        """The file with the seal in its empty field, at the level promised.

        Raises NotSealed when it has no such field, when a key or an authority does not
        answer, or the result does not begin with the file given.
        """
        try:
            with looked_for_once():
                sealed = asyncio.run(self._sealed(pdf, self.describe()))
        except NotSealed:
            raise
        except TimestampRequestError as refused:
            raise NotSealed(
                N_("The time-stamp authority does not answer: the paper waits.")
            ) from refused
        except Exception as refused:  # keys, tokens and wires break in many ways
            raise NotSealed(N_("The paper could not be sealed.")) from refused
        if not sealed.startswith(pdf):
            raise NotSealed(N_("Sealing changed the paper."))
        return sealed

    def describe(self) -> str:
        """The common name of the certificate."""
        [name] = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(name.value)

    def validate(self, sealed: bytes) -> None:
        """Look at a sealed file with the eyes of a stranger.

        Raises NotSealed unless there is one seal, today's, sound over every byte, and
        of the level promised.
        """
        trusted, own = self.trusted(), [der(self.certificate)]
        with looked_for_once():
            found = read(sealed, own, trusted.authorities, trusted.chains)
        if not found.checks.get("sealed"):
            raise NotSealed(N_("The file does not carry one readable seal."))
        if not found.holds or Level(found.level).rank < self.lasting.level.rank:
            raise NotSealed(N_("The seal does not hold over the whole file."))

    def trusted(self) -> Trusted:
        """Today's seal and those used before."""
        return Trusted(
            seals=(der(self.certificate), *self.retired.seals),
            authorities=(
                *(der(one) for one in self.lasting.authorities),
                *self.retired.authorities,
            ),
            chains=(
                *(der(one) for one in self.hand.certificates()[1:]),
                *self.retired.chains,
            ),
        )

    async def _sealed(self, pdf: bytes, name: str) -> bytes:
        async with AsyncExitStack() as opened:
            signer = await opened.enter_async_context(self.hand.signer())
            session = None
            if self.lasting.level.rank >= Level.B_LT.rank:
                session = await opened.enter_async_context(aiohttp.ClientSession())
            work = signers.PdfSigner(
                self._metadata(name, session),
                signer,
                timestamper=self._clock,
                stamp_style=_nothing_drawn(),
            )
            out = await work.async_sign_pdf(
                IncrementalPdfFileWriter(io.BytesIO(pdf)),
                existing_fields_only=True,
                bytes_reserved=RESERVED_WITH_TIME if self._clock else RESERVED,
            )
        return bytes(out.getbuffer())

    def _metadata(
        self, name: str, session: aiohttp.ClientSession | None
    ) -> signers.PdfSignatureMetadata:
        return signers.PdfSignatureMetadata(
            field_name=FIELD,
            name=name,
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            subfilter=fields.SigSeedSubFilter.PADES,
            embed_validation_info=session is not None,
            use_pades_lta=self.lasting.level is Level.B_LTA,
            validation_context=self._context(session) if session else None,
        )

    def _context(self, session: aiohttp.ClientSession) -> ValidationContext:
        """Who is asked, over the wire, whether our certificate still stands."""
        return ValidationContext(
            trust_roots=[_parsed(one) for one in self.lasting.authorities],
            other_certs=[_parsed(one) for one in self.hand.certificates()],
            allow_fetching=True,
            fetcher_backend=AIOHttpFetcherBackend(session),
        )

    @cached_property
    def _clock(self) -> HTTPTimeStamper | None:
        if self.lasting.level is Level.B_B:
            return None
        return HTTPTimeStamper(self.lasting.stamps, timeout=PATIENCE)


def lasting(seal: PadesSeal, how: Lasting) -> PadesSeal:
    """The same seal, at another level."""
    return replace(seal, lasting=how)


def _nothing_drawn() -> StaticStampStyle:
    """
    A look without a drawing: the emblem is printed already, the field lies over it.

    One for each paper: it keeps the paper it was drawn on in memory.
    """
    return StaticStampStyle(
        border_width=0,
        background=RawContent(b"", box=BoxConstraints(71, 71)),
        background_opacity=1,
    )


def _parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(der(certificate))


def certificates_in(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file; raises NotSealed when there is none."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as unreadable:
        raise NotSealed(
            N_("The certificates in %(path)s cannot be read."), path=str(path)
        ) from unreadable

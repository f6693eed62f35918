"""PDF bytes in, sealed PDF bytes out.

The seal is a PAdES certification signature (ETSI EN 319 142-1, level B-B) that allows
no change afterwards. It is put into the empty field the paper was printed with, in an
incremental update: the sealed file begins with the unsealed one, byte for byte.
"""

import io
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from registry.errors import N_, Unavailable

FIELD = "Sigillo"
# Room for signature and certificates; asking pyHanko to estimate signs twice.
RESERVED = 16_384
# What every reader of the file is shown as the signer.
DEVELOPMENT_NAME = "SIGILLO DI SVILUPPO – non qualificato"
DEVELOPMENT_FILE = "development-seal.pem"
# No moved clock of a demonstration may fall outside it.
DEVELOPMENT_FROM = datetime(2015, 1, 1, tzinfo=UTC)
DEVELOPMENT_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)
# A look without a drawing: the emblem is printed already, the field lies over it.
NOTHING_DRAWN = StaticStampStyle(
    border_width=0,
    background=RawContent(b"", box=BoxConstraints(71, 71)),
    background_opacity=1,
)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class NotSealed(Unavailable):
    """No seal could be put on the paper, or the one put on it does not hold."""


class Seal(Protocol):
    """The door to the body's seal."""

    @property
    def development(self) -> bool:
        """Whether this is a seal for trying out, worth nothing to anybody."""
        ...

    def seal(self, pdf: bytes) -> bytes:
        """The same file with the seal in its empty field; raises NotSealed."""
        ...

    def describe(self) -> str:
        """Whose seal it is, as readers of the PDF will see it."""
        ...

    def validate(self, sealed: bytes) -> None:
        """Nothing when our seal holds over all of `sealed`; else raises NotSealed."""
        ...


class NoSeal:
    """Before a key is installed: nothing can be sealed, and everybody is told so."""

    development = False

    def seal(self, pdf: bytes) -> bytes:
        """Never: raises NotSealed."""
        raise NotSealed(N_("No seal is installed."))

    def describe(self) -> str:
        """That there is none."""
        return "no seal"

    def validate(self, sealed: bytes) -> None:
        """Never: raises NotSealed."""
        raise NotSealed(N_("No seal is installed."))


class _KeptKeySigner(signers.SimpleSigner):
    """Signs with a key parsed once; pyHanko parses it anew, twice a signature."""

    def __init__(self, key: PrivateKey, certificate: bytes, chain: list[bytes]) -> None:
        self._key = key
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(asn1_x509.Certificate.load(one) for one in chain)
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(certificate),
            signing_key=asn1_keys.PrivateKeyInfo.load(_der(key)),
            cert_registry=store,
        )

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}[
            digest_algorithm
        ]
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(digest))
        return self._key.sign(data, padding.PKCS1v15(), digest)


@dataclass(frozen=True)
class PadesSeal:
    """The seal of the body: a private key with its certificate.

    `chain` are the certificates above it, the last one being what we trust.
    """

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()
    development: bool = False

    def seal(self, pdf: bytes) -> bytes:
        """The file with the seal in its empty field.

        Raises NotSealed when it has no such field, or the result does not begin with
        the file given.
        """
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            name=self.describe(),
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            subfilter=fields.SigSeedSubFilter.PADES,
        )
        try:
            signer = signers.PdfSigner(
                metadata, self._signer(), stamp_style=NOTHING_DRAWN
            )
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
            out = signer.sign_pdf(
                writer, existing_fields_only=True, bytes_reserved=RESERVED
            )
        except (SigningError, PdfError) as refused:
            raise NotSealed(N_("The paper could not be sealed.")) from refused
        sealed = bytes(out.getbuffer())
        if not sealed.startswith(pdf):
            raise NotSealed(N_("Sealing changed the paper."))
        return sealed

    def describe(self) -> str:
        """The common name of the certificate."""
        [name] = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(name.value)

    def validate(self, sealed: bytes) -> None:
        """Look at a sealed file with the eyes of a stranger who trusts our root.

        Raises NotSealed unless there is one signature, ours, sound, over every byte.
        """
        root = self.chain[-1] if self.chain else self.certificate
        context = ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(_cert_der(root))],
            other_certs=[
                asn1_x509.Certificate.load(_cert_der(one)) for one in self.chain
            ],
            allow_fetching=False,
        )
        try:
            [signature] = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
            status = validate_pdf_signature(signature, context)
        except (ValueError, PdfError, SignatureValidationError) as broken:
            raise NotSealed(
                N_("The file does not carry one readable seal.")
            ) from broken
        if not self._holds(signature, status):
            raise NotSealed(N_("The seal does not hold over the whole file."))

    def _holds(self, signature: Any, status: Any) -> bool:
        # pyHanko calls a file valid to which a new title was added afterwards.
        whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        untouched = status.modification_level in {None, ModificationLevel.NONE}
        ours = signature.signer_cert.dump() == _cert_der(self.certificate)
        return bool(status.bottom_line and whole and untouched and ours)

    def _signer(self) -> _KeptKeySigner:
        chain = [_cert_der(one) for one in self.chain]
        return _KeptKeySigner(self.key, _cert_der(self.certificate), chain)


def load_seal(
    key: Path, certificates: Path, password: bytes | None = None
) -> PadesSeal:
    """The body's own seal: a PEM key, and a PEM file with its certificate first.

    Raises NotSealed when the two are not there, not readable or not of one pair.
    """
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), password)
        first, *chain = x509.load_pem_x509_certificates(certificates.read_bytes())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as unreadable:
        raise NotSealed(N_("The key or certificate of the seal cannot be read.")) from (
            unreadable
        )
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise NotSealed(N_("The key of the seal must be EC or RSA."))
    if first.public_key() != private.public_key():
        raise NotSealed(N_("The certificate of the seal is not that of its key."))
    return PadesSeal(private, first, tuple(chain))


def development_seal(folder: Path) -> PadesSeal:
    """A seal made on the spot, and kept in `folder`, for trying the registry out.

    It says in its own name that it is worth nothing: never a seal in the sense of
    eIDAS (Regulation (EU) 910/2014).
    """
    kept = folder / DEVELOPMENT_FILE
    if not kept.exists():
        _keep(kept, _new_pair())
    both = kept.read_bytes()
    key = serialization.load_pem_private_key(both, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NotSealed(N_("The key of the seal must be EC or RSA."))
    return PadesSeal(key, x509.load_pem_x509_certificate(both), development=True)


def _keep(path: Path, content: bytes) -> None:
    """Write for our eyes only; the first of several processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)


def _new_pair() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Impact Registry"),
            x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME),
        ]
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(DEVELOPMENT_FROM)
        .not_valid_after(DEVELOPMENT_UNTIL)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_for_sealing_only(), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def _for_sealing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _der(key: PrivateKey) -> bytes:
    return _private(key, serialization.Encoding.DER)


def _pem(key: PrivateKey) -> bytes:
    return _private(key, serialization.Encoding.PEM)


def _private(key: PrivateKey, encoding: serialization.Encoding) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)


def _cert_der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)

"""
A seal in the first revision: the paper is printed with room for it, which is filled.

No second revision is written and no PDF is parsed, which makes a seal a hundred times
cheaper than one added later; for papers made by the thousand. Level B-B only
(ETSI EN 319 142-1): time-stamps and proofs are added by `pades`. The signature is that
of PAdES (content-type, message-digest, signing-certificate-v2) as a DER template in
which only digest and signature change.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from asn1crypto import cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from registry.errors import N_
from registry.seal.door import NotSealed
from registry.seal.hands import KeyInMemory, der

#: Bytes of room: the paper must be printed with as many.
ROOM = 6000
RANGE = re.compile(rb"/ByteRange \[0 0{10} 0{10} 0{10}\]")
MOMENT = b"/M (D:00000000000000Z)"
#: Of an ECDSA signature with P-256; one of another length is made anew.
EC_SIZE = 71


@dataclass(frozen=True)
class FirstRevision:
    """Fills the room with the seal of a key in memory."""

    hand: KeyInMemory

    def seal(self, pdf: bytes, at: datetime) -> bytes:
        """The paper, printed with ROOM, sealed at `at`; raises NotSealed without it."""
        hole = pdf.rfind(b"/Contents <" + b"0" * (2 * ROOM) + b">")
        told = RANGE.search(pdf, max(0, hole - 400))
        if hole < 0 or told is None:
            raise NotSealed(N_("The paper could not be sealed."))
        begin = hole + len(b"/Contents ")
        end = begin + 2 * ROOM + 2
        made = bytearray(pdf)
        covered = b"/ByteRange [0 %d %d %d]" % (begin, end, len(pdf) - end)
        made[told.start() : told.end()] = covered.ljust(len(told[0]))
        moment = made.rfind(MOMENT, 0, hole)
        stamp = f"/M (D:{at.astimezone(UTC):%Y%m%d%H%M%S}Z)".encode()
        made[moment : moment + len(stamp)] = stamp
        digest = hashlib.sha256(memoryview(made)[:begin])
        digest.update(memoryview(made)[end:])
        token = self._signed(digest.digest()).hex().encode()
        if len(token) > 2 * ROOM:
            raise NotSealed(N_("The paper could not be sealed."))
        made[begin + 1 : begin + 1 + len(token)] = token
        return bytes(made)

    def _signed(self, digest: bytes) -> bytes:
        form = self._form
        attributes = form.attributes.replace(form.digest, digest)
        signature = self._signature(attributes)
        return form.token.replace(form.digest, digest).replace(
            form.signature, signature
        )

    def _signature(self, attributes: bytes) -> bytes:
        key = self.hand.key
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
        while True:
            signature = key.sign(attributes, ec.ECDSA(hashes.SHA256()))
            if len(signature) == EC_SIZE:
                return signature

    @cached_property
    def _form(self) -> "_Form":
        return _Form.of(self.hand)


@dataclass(frozen=True)
class _Form:
    """A whole signature with stand-ins for digest and signature."""

    token: bytes
    attributes: bytes
    digest: bytes
    signature: bytes

    @classmethod
    def of(cls, hand: KeyInMemory) -> "_Form":
        certificates = [x509.Certificate.load(der(one)) for one in hand.certificates()]
        curve = isinstance(hand.key, ec.EllipticCurvePrivateKey)
        size = EC_SIZE if curve else hand.key.key_size // 8
        digest = hashlib.sha256(b"digest" + certificates[0].dump()).digest()
        signature = hashlib.shake_256(b"signature" + digest).digest(size)
        attributes = _attributes(certificates[0], digest)
        signer = {
            "version": "v1",
            "sid": _name(certificates[0]),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {
                "algorithm": "sha256_ecdsa" if curve else "sha256_rsa"
            },
            "signature": signature,
        }
        signed = {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": certificates,
            "signer_infos": [signer],
        }
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return cls(token.dump(), attributes.dump(), digest, signature)


def _name(certificate: x509.Certificate) -> cms.SignerIdentifier:
    return cms.SignerIdentifier(
        "issuer_and_serial_number",
        cms.IssuerAndSerialNumber(
            {
                "issuer": certificate.issuer,
                "serial_number": certificate.serial_number,
            }
        ),
    )


def _attributes(certificate: x509.Certificate, digest: bytes) -> cms.CMSAttributes:
    reference = tsp.SigningCertificateV2(
        {
            "certs": [
                {
                    "cert_hash": hashlib.sha256(certificate.dump()).digest(),
                    "issuer_serial": {
                        "issuer": [
                            x509.GeneralName("directory_name", certificate.issuer)
                        ],
                        "serial_number": certificate.serial_number,
                    },
                }
            ]
        }
    )
    told = {
        "content_type": "data",
        "message_digest": digest,
        "signing_certificate_v2": reference,
    }
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": kind, "values": [value]})
            for kind, value in told.items()
        ]
    )

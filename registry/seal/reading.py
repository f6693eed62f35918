"""
Looks at a PDF with the eyes of somebody who was handed it, and asks for its seal.

It also runs alone, as a child with hard limits, because the file may be hostile: then
it reads one line of JSON (whom to trust) and the bytes from standard input, and writes
one line of JSON. So it imports nothing of ours.

A seal holds (ETSI EN 319 142-1) when every check below does. What a program for
reading PDF calls “valid” is not enough: pyHanko forgives a new title, pdfsig does not
look at what was added after the seal, and both forgive bytes in the padding.
"""

import hashlib
import io
import json
import re
import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms, x509
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
    XrefStreamRule,
)
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MEGABYTE = 1024 * 1024
NO_CHANGES = 1  # DocMDP permission P (ISO 32000-1, table 254)
END = re.compile(rb"startxref\s+\d+\s+%%EOF(?:\r\n|\n|\r)?\Z")
NUMBER = re.compile(r"[A-Z]{2,6}-[0-9]{4}-[0-9]{6,9}-[0-9]{2}")
CREDENTIAL = "credenziale.vc.jwt"
LONGEST_NAME = 200
#: A seal may say it is of another age; clocks elsewhere do not count that far.
YEARS = range(2000, 2200)
#: Names in XMP of what pyHanko writes anew with every revision.
DATED = re.compile(r"\}(?:ModifyDate|MetadataDate|Producer)$")
#: What is looked at, in the order in which it is told.
CHECKS = (
    "sealed",  # one seal, and no signature but it and time-stamps
    "ours",  # made by a certificate of ours
    "intact",  # hash and signature agree
    "certified",  # it forbids every later change
    "untouched",  # after it there are only proofs and time-stamps
    "whole",  # no byte lies outside
    "padding",  # nothing is hidden in the room left for the seal
    "time",  # every time-stamp holds, and is of an authority we know
)


@dataclass
class Reading:
    """
    What was found in a file.

    `checks` maps the name of each check made to whether it passed; after the first that
    makes the others meaningless, they are not made. `level` is that of ETSI, `prefixes`
    are the SHA-256 of the file as it was at the end of each revision. Of a seal that
    holds also the signed `credential` enclosed, if any, and the `words` of each page.
    """

    readable: bool = False
    checks: dict[str, bool] = field(default_factory=dict)
    level: str = ""
    signer: str = ""
    sealed_at: str = ""
    number: str = ""
    prefixes: list[str] = field(default_factory=list)
    credential: str = ""
    words: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether it is our seal, and sound over the whole file."""
        return self.readable and all(self.checks.get(check) for check in CHECKS)


def read(
    pdf: bytes,
    seals: Sequence[bytes],
    authorities: Sequence[bytes] = (),
    chains: Sequence[bytes] = (),
) -> Reading:
    """
    What the file says of itself.

    `seals` are our certificates, `authorities` those we believe about the time,
    `chains` what may be enclosed with ours; all as DER. Never raises for a broken file:
    it is simply not readable.
    """
    reading = Reading()
    try:
        _read(pdf, reading, seals, authorities, chains)
    except Exception:  # a hostile file may break the reader anywhere
        # Whatever was not reached did not pass.
        reading.checks = {k: v for k, v in reading.checks.items() if v}
        if reading.checks:
            reading.checks |= {k: reading.checks.get(k, False) for k in CHECKS}
    return reading


def _read(
    pdf: bytes,
    reading: Reading,
    seals: Sequence[bytes],
    authorities: Sequence[bytes],
    chains: Sequence[bytes],
) -> None:
    if not pdf.startswith(b"%PDF-"):
        return
    reader = PdfFileReader(io.BytesIO(pdf))
    if reader.encrypted:
        return
    embedded = reader.embedded_signatures
    reading.readable = True
    reading.number = _number(reader)
    stamps = [one for one in embedded if one.sig_object_type == "/DocTimeStamp"]
    signatures = [one for one in embedded if one not in stamps]
    if not signatures:
        reading.checks["sealed"] = False
        return
    seal = signatures[0]
    alone = len(signatures) == 1 and seal is embedded[0]
    reading.checks["sealed"] = alone
    reading.checks["ours"] = seal.signer_cert.dump() in seals
    name = seal.signer_cert.subject.native.get("common_name", "")
    reading.signer = str(name)[:LONGEST_NAME]
    said = seal.self_reported_timestamp
    if said and said.year in YEARS:
        reading.sealed_at = said.isoformat()
    if alone and reading.checks["ours"]:
        _look_closely(pdf, reader, reading, seal, stamps, seals, authorities, chains)
    if reading.holds:  # what others may have made is not opened any further
        reading.credential = _enclosed(reader)
        reading.words = _words(pdf)


def _look_closely(
    pdf: bytes,
    reader: Any,
    reading: Reading,
    seal: Any,
    stamps: list[Any],
    seals: Sequence[bytes],
    authorities: Sequence[bytes],
    chains: Sequence[bytes],
) -> None:
    status = _status(seal, seals, authorities)
    checks = reading.checks
    checks["intact"] = bool(status.intact and status.valid and status.trusted)
    checks["certified"] = _certified(reader, seal)
    checks["untouched"] = _untouched(seal, status) and _only_proofs(
        pdf, reader, seal, stamps
    )
    checks["whole"] = _whole(pdf, [seal, *stamps])
    checks["padding"] = all(
        _padded(pdf, one) and _spare(one, (*seals, *authorities, *chains))
        for one in (seal, *stamps)
    )
    checks["time"] = _in_time(status) and all(
        _stamped(one, authorities) for one in stamps
    )
    reading.level = _level(reader, status, stamps)
    reading.prefixes = _prefixes(pdf, reader)


def _status(seal: Any, seals: Sequence[bytes], authorities: Sequence[bytes]) -> Any:
    return validate_pdf_signature(
        seal,
        # Our own certificates are what we believe; what is above them may have ended.
        signer_validation_context=_context(seals, None),
        ts_validation_context=_context(authorities, _stamp_time(seal)),
        key_usage_settings=KeyUsageConstraints(key_usage=set()),
        diff_policy=_policy(),
    )


class _OnlyDates(WhitelistRule):
    """A later revision may tell its own date in the document's information, no more."""

    def __init__(self, rule: WhitelistRule, told: Callable[[Any], object]) -> None:
        self._rule, self._told = rule, told

    def apply(self, old: Any, new: Any) -> Iterable[Any]:
        """What pyHanko's rule explains, unless more than a date differs."""
        if self._told(old) != self._told(new):
            raise SuspiciousModification("The document’s information was changed.")
        return self._rule.apply(old, new)


def _information(revision: Any) -> object:
    told = revision.trailer_view["/Info"]
    return {key: str(told[key]) for key in told if key not in {"/ModDate", "/Producer"}}


def _metadata(revision: Any) -> object:
    """The XMP packet as a tree, its dates left out."""
    raw = revision.root.get_value_as_reference("/Metadata").get_object().data
    parser = etree.XMLParser(resolve_entities=False, no_network=True)

    def told(element: Any) -> object:
        attributes = [
            pair for pair in element.attrib.items() if not DATED.search(pair[0])
        ]
        inner = [told(one) for one in element if not DATED.search(str(one.tag))]
        return element.tag, sorted(attributes), (element.text or "").strip(), inner

    return told(etree.fromstring(raw, parser))


def _policy() -> StandardDiffPolicy:
    """pyHanko's rules for what may follow a seal, without leave for another title."""
    rules = (
        XrefStreamRule(),
        ObjectStreamRule(),
        DSSCompareRule(),
        _OnlyDates(DocInfoRule(), _information),
        _OnlyDates(MetadataUpdateRule(), _metadata),  # type: ignore[no-untyped-call]
    )
    qualified = [rule.as_qualified(ModificationLevel.LTA_UPDATES) for rule in rules]
    return StandardDiffPolicy(
        global_rules=[CatalogModificationRule(), *qualified],  # type: ignore[no-untyped-call]
        form_rule=FormUpdatingRule(
            field_rules=[
                SigFieldCreationRule(),  # type: ignore[no-untyped-call]
                SigFieldModificationRule(),
            ]
        ),
    )


def _context(trusted: Iterable[bytes], moment: datetime | None) -> Any:
    roots = [x509.Certificate.load(one) for one in trusted]
    return ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)


def _stamp_time(embedded: Any) -> datetime | None:
    """When a time-stamp says it was made: an authority's certificate ends one day."""
    token = getattr(embedded, "attached_timestamp_data", None)
    if embedded.sig_object_type == "/DocTimeStamp":
        token = embedded.signed_data
    if token is None:
        return None
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment


def _certified(reader: Any, seal: Any) -> bool:
    """The seal is the certification (ISO 32000-1, 12.8.2.2) and allows nothing."""
    permissions = reader.root["/Perms"].raw_get("/DocMDP")
    is_it = permissions.reference == seal.sig_object.container_ref
    level = seal.docmdp_level
    return bool(is_it and level is not None and level.value == NO_CHANGES)


def _untouched(seal: Any, status: Any) -> bool:
    covered = status.coverage in {
        SignatureCoverageLevel.ENTIRE_FILE,
        SignatureCoverageLevel.ENTIRE_REVISION,
    }
    allowed = {None, ModificationLevel.NONE, ModificationLevel.LTA_UPDATES}
    return bool(covered and status.docmdp_ok and status.modification_level in allowed)


def _only_proofs(pdf: bytes, reader: Any, seal: Any, stamps: list[Any]) -> bool:
    """Every later revision brings a time-stamp or proofs, and there is nothing else."""
    later = range(seal.signed_revision + 1, reader.xrefs.total_revisions)
    stamped = {one.signed_revision for one in stamps}
    proofs = reader.root.raw_get("/DSS").reference if "/DSS" in reader.root else None
    ends = pdf[sum(_covered(seal)[2:]) :].count(b"startxref")
    return ends == len(later) and all(
        revision in stamped
        or proofs in set(reader.xrefs.explicit_refs_in_revision(revision))
        for revision in later
    )


def _whole(pdf: bytes, signed: list[Any]) -> bool:
    """The first byte is covered, and after the last one covered there are only proofs.

    That nothing but proofs was added is for `untouched`; here it must be a revision
    that ends where the file does.
    """
    ends = []
    for first, before, after, rest in map(_covered, signed):
        if first or before >= after or after + rest > len(pdf):
            return False
        ends.append(after + rest)
    return bool(max(ends) == len(pdf) or END.search(pdf[max(ends) :]))


def _covered(signed: Any) -> tuple[int, int, int, int]:
    """From and length of the two stretches a signature covers."""
    first, before, after, rest = list(signed.byte_range)
    return int(first), int(before), int(after), int(rest)


def _padded(pdf: bytes, signed: Any) -> bool:
    """The room for the seal holds it, zeros, and nothing else."""
    _, before, after, _ = _covered(signed)
    room = pdf[before:after]
    if not (room.startswith(b"<") and room.endswith(b">")):
        return False
    if not re.fullmatch(rb"[0-9a-fA-F]*", room[1:-1]):
        return False
    held = bytes.fromhex(room[1:-1].decode())
    length = _der_length(held)
    return held == signed.pkcs7_content and not any(held[length:])


def _spare(signed: Any, known: Sequence[bytes]) -> bool:
    """The signature has its necessary parts only, each checked or written as we do.

    A signature does not protect what stands beside it (RFC 5652): certificates nobody
    needs, names of algorithms, later attributes. One byte changed there is a change.
    """
    held = signed.pkcs7_content
    token = cms.ContentInfo.load(held[: _der_length(held)])
    kind = "v3" if signed.sig_object_type == "/DocTimeStamp" else "v1"
    return _written_as_we_do(token, kind, known)


def _written_as_we_do(token: Any, version: str, known: Sequence[bytes]) -> bool:
    content = token["content"]
    [signer] = content["signer_infos"]
    stamps = [
        value
        for attribute in signer["unsigned_attrs"] or ()
        for value in attribute["values"]
        if attribute["type"].native == "signature_time_stamp_token"
    ]
    plain: dict[str, Any] = {
        "version": "v1",
        "sid": signer["sid"],
        "digest_algorithm": signer["digest_algorithm"],
        "signed_attrs": signer["signed_attrs"],
        "signature_algorithm": signer["signature_algorithm"],
        "signature": signer["signature"],
    }
    if stamps:
        told = [{"type": "signature_time_stamp_token", "values": stamps}]
        plain["unsigned_attrs"] = told
    expected = {
        "version": version,
        "digest_algorithms": [signer["digest_algorithm"]],
        "encap_content_info": content["encap_content_info"],
        "certificates": content["certificates"],
        "signer_infos": [plain],
    }
    whole = cms.ContentInfo({"content_type": "signed_data", "content": expected})
    return bool(
        whole.dump() == token.dump()
        and _without_parameters(signer["digest_algorithm"])
        and _without_parameters(signer["signature_algorithm"])
        and _vouched(content["certificates"], known)
        and all(_written_as_we_do(one, "v3", known) for one in stamps)
    )


def _without_parameters(algorithm: Any) -> bool:
    """Neither SHA-2, nor ECDSA, nor RSA as we use them, takes any (RFC 5754)."""
    parameters = algorithm["parameters"]
    return parameters.dump() in {b"", b"\x05\x00"}


def _vouched(certificates: Any, known: Sequence[bytes]) -> bool:
    """Each enclosed certificate is one we have, or is signed by one we have."""
    trusted = [load_der_x509_certificate(one) for one in known]
    for enclosed in certificates:
        raw = enclosed.chosen.dump()
        if raw in known:
            continue
        certificate = load_der_x509_certificate(raw)
        if not any(_issued(certificate, one) for one in trusted):
            return False
    return True


def _issued(certificate: Any, issuer: Any) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # of another name, kind of key, or signature
        return False
    return True


def _der_length(held: bytes) -> int:
    size = held[1]
    if size < 0x80:
        return 2 + size
    count = size & 0x7F
    return 2 + count + int.from_bytes(held[2 : 2 + count])


def _in_time(status: Any) -> bool:
    stamp = status.timestamp_validity
    return stamp is None or bool(stamp.valid and stamp.intact and stamp.trusted)


def _stamped(stamp: Any, authorities: Sequence[bytes]) -> bool:
    status = validate_pdf_timestamp(
        stamp, _context(authorities, _stamp_time(stamp)), diff_policy=_policy()
    )
    sound = status.valid and status.intact and status.trusted
    return bool(sound)


def _level(reader: Any, status: Any, stamps: list[Any]) -> str:
    if status.timestamp_validity is None:
        return "B-B"
    if "/DSS" not in reader.root:
        return "B-T"
    return "B-LTA" if stamps else "B-LT"


def _prefixes(pdf: bytes, reader: Any) -> list[str]:
    """The file as it was before each later addition, by hash."""
    ends = [match.end() for match in re.finditer(rb"%%EOF(?:\r\n|\n|\r)?", pdf)]
    return [hashlib.sha256(pdf[:end]).hexdigest() for end in ends]


def _number(reader: Any) -> str:
    """The number in the title, as the paper was printed."""
    try:
        info = reader.trailer_view["/Info"]
    except KeyError:
        return ""
    found = NUMBER.search(str(info.get("/Title", "")))
    return found[0] if found else ""


def _enclosed(reader: Any) -> str:
    """The signed credential among the files enclosed; empty if there is none."""
    try:
        named = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        return ""
    for place in range(0, len(named), 2):
        if str(named[place]) == CREDENTIAL:
            content: bytes = named[place + 1]["/EF"]["/F"].data
            return content.decode("ascii", "replace")
    return ""


def _words(pdf: bytes) -> list[str]:
    """The text of each page as a reader would copy it."""
    import pypdfium2  # large; a process that only seals never comes here

    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


def limit_this_process() -> None:
    """Memory, time, open files and writing: so much and no more (ASVS 15.2.5)."""
    resource.setrlimit(resource.RLIMIT_AS, (1024 * MEGABYTE, 1024 * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Read whom to trust and a file from standard input; write what was found."""
    limit_this_process()
    asked = json.loads(sys.stdin.buffer.readline())
    trusted = {
        name: [bytes.fromhex(one) for one in asked[name]]
        for name in ("seals", "authorities", "chains")
    }
    json.dump(asdict(read(sys.stdin.buffer.read(), **trusted)), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

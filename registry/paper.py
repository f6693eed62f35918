"""HTML and CSS in, an archivable and accessible PDF out.

Every document is PDF/A-3a and PDF/UA-1 at once, and the same input gives the same bytes
in every process, so that a paper can be proved to be what was meant. Nothing is ever
fetched: fonts and pictures come from memory, and a page that asks for anything else
gets no paper at all.
"""

import hashlib
import mimetypes
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pydyf
from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML, Attachment
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from registry.clock import instant
from registry.errors import N_, Unavailable
from registry.garbage import looked_for_once
from registry.typefaces import Typefaces

# WeasyPrint names the kind of an enclosure by the end of its name.
mimetypes.add_type("application/vc+jwt", ".jwt")

Assets = Mapping[str, tuple[bytes, str]]
NOTHING: Assets = {}

# Only our own folder: no face of the machine may slip into a paper.
NO_SYSTEM_FONTS = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
    "<fontconfig><cachedir>{cache}</cachedir></fontconfig>"
)

# PDF/UA-1 beside PDF/A-3: its mark, and the schema by which PDF/A allows the mark.
UNIVERSAL_ACCESS = (
    b'<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    b"<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
    b'<rdf:Description rdf:about=""'
    b' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    b' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    b' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
    b'<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    b"<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>"
    b"<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/"
    b"</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
    b'<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">'
    b"<pdfaProperty:name>part</pdfaProperty:name>"
    b"<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    b"<pdfaProperty:category>internal</pdfaProperty:category>"
    b"<pdfaProperty:description>PDF/UA part</pdfaProperty:description>"
    b"</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag>"
    b"</pdfaExtension:schemas></rdf:Description>"
)


class NoPaper(Unavailable):
    """The page asked for something paper may not have, or the machine lacks a part."""


@dataclass(frozen=True)
class Enclosure:
    """A file carried inside the PDF; `relationship` as in PDF/A-3 (Data, Source…)."""

    name: str
    data: bytes
    description: str
    relationship: str = "Data"


@dataclass(frozen=True)
class SealField:
    """An empty signature field on page 1.

    `left`, `top`, `width` and `height` in millimetres from the upper left corner of an
    A4 page; `label` is what a screen reader says. With `room`, so many bytes are left
    in it for a seal put into this very revision (`seal.first`); without, a seal is
    added in a later one.
    """

    left: float
    top: float
    width: float
    height: float
    label: str
    name: str = "Sigillo"
    room: int = 0

    @property
    def rectangle(self) -> list[float]:
        """The field's corners in points from the lower left corner, as PDF counts."""
        right, bottom = self.left + self.width, self.top + self.height
        edges = (self.left, 297 - bottom, right, 297 - self.top)
        return [round(edge * 72 / 25.4, 2) for edge in edges]


class Paper:
    """The printer: one for a process, slow to make, safe to share between threads."""

    def __init__(self, typefaces: Typefaces) -> None:
        if not harfbuzz_subset:
            raise NoPaper(
                N_("The library libharfbuzz-subset0 is missing: please install it.")
            )
        self.typefaces = typefaces
        self._lock = Lock()
        with _no_system_fonts(typefaces.folder):
            self._configuration = FontConfiguration()
        # Read once: the machine keeps the faces from here on, and we need not.
        fonts = {
            f"fonts/{name}.ttf": (data, "font/ttf")
            for name, data in typefaces.ttf.items()
        }
        self._faces = self._read(typefaces.css, fonts)
        self._sheet = lru_cache(maxsize=16)(self._read)

    def print(
        self,
        html: str,
        css: str,
        assets: Assets,
        *,
        title: str,
        created: datetime,
        author: str = "",
        field: SealField | None = None,
        enclosures: tuple[Enclosure, ...] = (),
    ) -> bytes:
        """The document as PDF bytes.

        `html` is well-formed XML and has a `lang`; `assets` are what it may call by
        `asset:NAME`, each with its media type; `created` is written as the time of
        making, so that the same call gives the same bytes. Raises NoPaper when it asks
        for anything else, or is not well-formed.
        """
        with self._lock, looked_for_once():
            try:
                document = self._laid_out(html, css, AssetFetcher(assets))
                _describe(document, title, author, created)
                return _identified(
                    document.write_pdf(
                        pdf_variant="pdf/a-3a",
                        pdf_identifier=False,
                        attachments=[_attachment(e, created) for e in enclosures],
                        finisher=_finished(field),
                    )
                )
            except FatalURLFetchingError as refused:
                raise NoPaper(
                    N_("The page asked for something it may not have: %(what)s"),
                    what=str(refused),
                ) from refused
            except ElementTree.ParseError as broken:
                raise NoPaper(
                    N_("The page is not well-formed: %(what)s"), what=str(broken)
                ) from broken
            finally:
                document = None  # so that it is garbage when garbage is looked for

    def _laid_out(self, html: str, css: str, fetcher: "AssetFetcher") -> Any:
        return _Read(html, fetcher).render(
            font_config=self._configuration,
            stylesheets=[self._faces, self._sheet(css)],
        )

    def _read(self, css: str, assets: Assets = NOTHING) -> CSS:
        return CSS(
            string=css,
            base_url="asset:",
            url_fetcher=AssetFetcher(assets),
            font_config=self._configuration,
        )


class _Read(HTML):  # type: ignore[misc]
    """
    A page read as XML by the parser in C, not as HTML by one in Python.

    A twentieth of what a certificate costs, and a page that is broken is refused
    instead of guessed at.
    """

    def __init__(self, html: str, fetcher: "AssetFetcher") -> None:
        self.base_url, self.url_fetcher, self.media_type = "asset:", fetcher, "print"
        # Our own template with every word escaped: nobody can declare an entity.
        self.etree_element = ElementTree.fromstring(html)  # noqa: S314
        self.wrapper_element = ElementWrapper.from_html_root(
            self.etree_element, content_language=None
        )


class AssetFetcher(URLFetcher):  # type: ignore[misc]
    """`asset:NAME` from memory; anything else stops the paper."""

    def __init__(self, assets: Assets) -> None:
        super().__init__(
            allowed_protocols=(), allow_redirects=False, fail_on_errors=True
        )
        self._assets = assets

    def fetch(
        self, url: str, headers: Mapping[str, str] | None = None
    ) -> URLFetcherResponse:
        """The asset called `url`; raises FatalURLFetchingError for all others."""
        parts = urlsplit(url)
        name = parts.path.lstrip("/")
        if parts.scheme == "asset" and not parts.query and name in self._assets:
            data, kind = self._assets[name]
            return URLFetcherResponse(url, data, {"Content-Type": kind})
        raise FatalURLFetchingError(url[:80])


class _Metadata(DocumentMetadata):  # type: ignore[misc]
    """WeasyPrint knows PDF/A or PDF/UA, not both; private, so its release is pinned."""

    def generate_rdf_metadata(self, *variant: Any) -> bytes:
        """Our two marks inside the one rdf:RDF."""
        rdf: bytes = super().generate_rdf_metadata(*variant)
        return rdf.replace(b"</rdf:RDF>", UNIVERSAL_ACCESS + b"</rdf:RDF>")


@contextmanager
def _no_system_fonts(folder: Path) -> Iterator[None]:
    """Fontconfig reads its settings when a configuration is made, and only then."""
    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
        settings.write(NO_SYSTEM_FONTS.format(cache=folder / "cache"))
        settings.flush()
        os.environ["FONTCONFIG_FILE"] = settings.name
        try:
            yield
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


def _describe(document: Any, title: str, author: str, created: datetime) -> None:
    metadata = _Metadata()
    metadata.__dict__.update(document.metadata.__dict__)
    moment = instant(created)
    metadata.title, metadata.created, metadata.modified = title, moment, moment
    metadata.authors = [author] if author else []
    metadata.generator = "Impact Registry"
    document.metadata = metadata


def _identified(pdf: bytes) -> bytes:
    """
    The file with the identifier that PDF/A asks for (ISO 32000-1, 14.4): its digest.

    WeasyPrint would make one by writing, and compressing, every object a second time.
    The cross-reference stream is the last object, so nothing after it moves.
    """
    place = pdf.rindex(b"/Type /XRef")
    name = hashlib.sha256(pdf).hexdigest()[:32].encode()
    return b"%b/ID [<%b> <%b>]%b" % (pdf[:place], name, name, pdf[place:])


def _attachment(enclosure: Enclosure, created: datetime) -> Attachment:
    return Attachment(
        string=enclosure.data,
        name=enclosure.name,
        description=enclosure.description,
        relationship=enclosure.relationship,
        created=created,  # the default is the clock's, and bytes would differ
        modified=created,
    )


def _finished(field: SealField | None) -> Any:
    """What WeasyPrint calls before it writes: the field drawn, the streams packed."""

    def finish(document: Any, pdf: Any) -> None:
        if field:
            _draw_seal_field(pdf, field)
        _pack(pdf)

    return finish


def _pack(pdf: Any) -> None:
    """
    Deflate every stream, at a middling level.

    pydyf's is the highest: more than twice the time for a twentieth of the size.
    """
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and stream.compress:
            plain = b"\n".join(
                part if type(part) is bytes else pydyf._to_bytes(part)
                for part in stream.stream
            )
            stream.stream, stream.compress = [zlib.compress(plain, level=4)], False
            stream.extra["Filter"] = "/FlateDecode"


def _draw_seal_field(pdf: Any, field: SealField) -> None:
    """An empty signature field, tagged as a form.

    Drawn here and not by the signer, because a field added later is outside the tags
    and PDF/UA (ISO 14289-1, 7.18.4) is lost.
    """
    page_at = pdf.page_references[0]
    page = _pointed(pdf, page_at)
    tree = _pointed(pdf, pdf.catalog["StructTreeRoot"])
    numbers = _pointed(pdf, tree["ParentTree"])["Nums"]
    top = _pointed(pdf, tree["K"][0])
    key = max(numbers[0::2]) + 1
    widget = _widget(pdf, field, page_at, key)
    form = _form_tag(pdf, field, page_at, top, widget)
    top["K"].append(form.reference)
    numbers.extend([key, form.reference])
    page.setdefault("Annots", pydyf.Array()).append(widget.reference)
    if field.room:
        _leave_room(pdf, widget, field.room)
    pdf.catalog["AcroForm"] = pydyf.Dictionary(
        {
            "Fields": pydyf.Array([widget.reference]),
            "SigFlags": 3 if field.room else 1,
        }
    )


class _Plain(pydyf.Object):  # type: ignore[misc]
    """An object written exactly so, and never compressed."""

    compressible = False

    def __init__(self, written: bytes) -> None:
        super().__init__()
        self._written = written

    @property
    def data(self) -> bytes:
        """The bytes as they are."""
        return self._written


def _leave_room(pdf: Any, widget: Any, room: int) -> None:
    """A certification that allows no change (ISO 32000-1, 12.8), yet to be signed."""
    seal = _Plain(
        b"<</Type /Sig/Filter /Adobe.PPKLite/SubFilter /ETSI.CAdES.detached"
        b"/M (D:00000000000000Z)/Reference [<</Type /SigRef/TransformMethod /DocMDP"
        b"/TransformParams <</Type /TransformParams/P 1/V /1.2>>>>]"
        b"/ByteRange [0 0000000000 0000000000 0000000000]/Contents <"
        + b"0" * (2 * room)
        + b">>>"
    )
    pdf.add_object(seal)
    widget["V"] = seal.reference
    pdf.catalog["Perms"] = pydyf.Dictionary({"DocMDP": seal.reference})


def _pointed(pdf: Any, reference: Any) -> Any:
    text = reference.decode() if isinstance(reference, bytes) else str(reference)
    return pdf.objects[int(text.split()[0])]


def _widget(pdf: Any, field: SealField, page_at: Any, key: int) -> Any:
    left, bottom, right, top = field.rectangle
    box = pydyf.Array([0, 0, round(right - left, 2), round(top - bottom, 2)])
    look = pydyf.Stream([b""], {"Type": "/XObject", "Subtype": "/Form", "BBox": box})
    pdf.add_object(look)
    widget = pydyf.Dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pydyf.String(field.name),
            "TU": pydyf.String(field.label),
            "Rect": pydyf.Array(field.rectangle),
            "F": 132,  # printed, and locked in its place
            "P": page_at,
            "StructParent": key,
            "AP": pydyf.Dictionary({"N": look.reference}),
        }
    )
    pdf.add_object(widget)
    return widget


def _form_tag(pdf: Any, field: SealField, page_at: Any, top: Any, widget: Any) -> Any:
    pointer = pydyf.Dictionary(
        {"Type": "/OBJR", "Obj": widget.reference, "Pg": page_at}
    )
    pdf.add_object(pointer)
    form = pydyf.Dictionary(
        {
            "Type": "/StructElem",
            "S": "/Form",
            "P": top.reference,
            "Pg": page_at,
            "Alt": pydyf.String(field.label),
            "K": pydyf.Array([pointer.reference]),
        }
    )
    pdf.add_object(form)
    return form

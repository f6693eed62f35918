"""The QR code is read from the page as a telephone would see it."""

import io

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from registry.certificates.rendering import render
from registry.paper import Paper
from tests.certificates.papers import LONGEST, facts

ADDRESS = facts()["address"]


@pytest.fixture(scope="module")
def pdf(paper: Paper) -> bytes:
    return render(facts(LONGEST), paper)


def page(pdf: bytes, dpi: int) -> Image.Image:
    """The first page as printed at so many dots per inch, in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn: Image.Image = document[0].render(scale=dpi / 72).to_pil()
        return drawn.convert("L")
    finally:
        document.close()


def read(picture: Image.Image) -> str:
    found = zxingcpp.read_barcode(picture)
    return found.text if found else ""


@pytest.mark.parametrize("dpi", [72, 150, 300])
def test_the_code_is_read_from_the_page(dpi: int, pdf: bytes) -> None:
    assert read(page(pdf, dpi)) == ADDRESS


@pytest.mark.parametrize("degrees", [7, 17, 45, 90, 180, 213])
@pytest.mark.parametrize("dpi", [150, 300])
def test_the_code_is_read_from_a_page_held_askew(
    dpi: int, degrees: int, pdf: bytes
) -> None:
    turned = page(pdf, dpi).rotate(degrees, expand=True, fillcolor=255)
    assert read(turned) == ADDRESS


@pytest.mark.parametrize("dpi", [72, 150, 300])
@pytest.mark.parametrize("quality", [10, 30, 75])
def test_the_code_is_read_from_a_photograph(quality: int, dpi: int, pdf: bytes) -> None:
    kept = io.BytesIO()
    page(pdf, dpi).save(kept, "JPEG", quality=quality)
    assert read(Image.open(kept)) == ADDRESS


def test_the_code_is_read_from_a_blurred_and_pale_copy(pdf: bytes) -> None:
    blurred = page(pdf, 300).filter(ImageFilter.GaussianBlur(3))
    assert read(blurred.point(lambda shade: 120 + shade // 3)) == ADDRESS


def test_the_code_is_read_with_a_stain_on_it(pdf: bytes) -> None:
    stained = page(pdf, 300)
    middle = [round(mm * 300 / 25.4) for mm in (32, 263, 37, 268)]
    stained.paste(90, tuple(middle))
    assert read(stained) == ADDRESS

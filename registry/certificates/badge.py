"""A small picture of what a certificate is worth today, for other people’s pages."""

from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup, escape

from registry.certificates.flower import mark_svg
from registry.certificates.layouts import look
from registry.certificates.models import Certificate
from registry.certificates.standing import Standing
from registry.web.filters import day
from registry.web.standings import standing_look

WIDE, HIGH = 250, 72  # CSS pixels
INK = "#12312f"
#: Dark enough for white letters (4.5:1), one for each tone of a standing.
TONES = {
    "good": "#1b6b3a",
    "wait": "#7a5600",
    "stop": "#a3231f",
    "calm": "#4c5a5c",
    "plum": "#6a3d6e",
}
SERIF = "Georgia, 'Times New Roman', serif"
SANS = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Badge:
    """What the badge of a certificate says on the day it is looked at."""

    mark: str
    number: str
    word: str
    tone: str
    alt: str
    scheme: str

    def svg(self) -> Markup:
        """The badge as a picture that stands alone; its title is what is read aloud."""
        mark = str(mark_svg(look(self.scheme), title="", size=48))
        placed = mark.replace("<svg ", '<svg x="12" y="12" ', 1)
        flower = Markup(placed.replace("<title></title>", "", 1))  # noqa: S704 ours
        pill = 14 + 6.6 * len(self.word)
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}"'
            ' viewBox="0 0 {wide} {high}" role="img"><title>{alt}</title>'
            '<rect x=".5" y=".5" width="{inner_wide}" height="{inner_high}" rx="8"'
            ' fill="#fff" stroke="{ink}" stroke-opacity=".35"/>{flower}'
            '<text x="70" y="25" font-family="{serif}" font-size="16" fill="{ink}">'
            "{mark}</text>"
            '<rect x="70" y="32" width="{pill}" height="18" rx="9" fill="{tone}"/>'
            '<text x="77" y="45" font-family="{sans}" font-size="12" font-weight="600"'
            ' fill="#fff" textLength="{text}" lengthAdjust="spacingAndGlyphs">{word}'
            '</text><text x="70" y="64" font-family="{sans}" font-size="10.5"'
            ' fill="{ink}">{number}</text></svg>\n'
        ).format(
            wide=WIDE,
            high=HIGH,
            inner_wide=WIDE - 1,
            inner_high=HIGH - 1,
            ink=INK,
            serif=SERIF,
            sans=SANS,
            pill=f"{pill:.0f}",
            text=f"{pill - 14:.0f}",
            tone=TONES[self.tone],
            **{name: getattr(self, name) for name in ("alt", "mark", "word", "number")},
            flower=flower,
        )


def badge_of(certificate: Certificate, current: Standing) -> Badge:
    """The badge of a certificate, in the language of the page."""
    shown = standing_look(current.code)
    edition = certificate.edition.rpartition("/")[2]
    mark = f"{look(certificate.scheme).mark} {edition}"
    word = gettext(shown.word)
    return Badge(
        mark=mark,
        number=certificate.number,
        word=word,
        tone=shown.tone,
        alt=gettext(
            "%(mark)s, certificate %(number)s: %(word)s since %(day)s",
            mark=mark,
            number=certificate.number,
            word=word.lower(),
            day=day(current.since),
        ),
        scheme=certificate.scheme,
    )


def embed_code(certificate: Certificate, base_url: str) -> str:
    """HTML to copy into one's own page: the live badge, leading to the register."""
    alt = gettext(
        "%(mark)s: what certificate %(number)s is worth today",
        mark=look(certificate.scheme).mark,
        number=certificate.number,
    )
    return (
        f'<a href="{base_url}/c/{certificate.number}">'
        f'<img src="{base_url}/badge/{certificate.number}.svg" alt="{escape(alt)}"'
        f' width="{WIDE}" height="{HIGH}"></a>'
    )

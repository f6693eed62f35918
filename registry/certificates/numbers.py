"""The number of a certificate: the one code that people, paper and pages share.

Its shape is `IMP-2026-000123-38`: the scheme's prefix, the year of issue in Rome, a
serial without gaps within that year, and two check digits. This is the only file that
knows it.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from registry.errors import N_, NotFound

SHAPE = re.compile(r"([A-Z]{2,6})([0-9]{4})([0-9]{6,9})([0-9]{2})")
#: The same, read off paper by hand: a year begins with 2, all after it are digits.
BY_HAND = re.compile(r"([A-Z]{2,6})(2[0-9OIL]{11,14})")
DIGITS = str.maketrans("OIL", "011")
LONGEST = 40


class WrongNumber(NotFound):
    """What was typed cannot be the number of any certificate."""


@dataclass(frozen=True, order=True)
class Number:
    """`prefix` of the scheme, `year` of issue, `serial` from 1 up."""

    prefix: str
    year: int
    serial: int

    @property
    def check(self) -> str:
        """Two digits by ISO/IEC 7064, MOD 97-10, over the year and the serial.

        The prefix stays out: letters are not what people mistake, and a prefix of no
        scheme finds no certificate.
        """
        return f"{98 - int(f'{self._body}00') % 97:02}"

    @property
    def short_address(self) -> str:
        """The path of the certificate's page, without the host."""
        return f"/c/{self}"

    @property
    def _body(self) -> str:
        return f"{self.year:04}{self.serial:06}"

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year:04}-{self.serial:06}-{self.check}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The number a person typed, whatever the case, the blanks and the dashes.

        O for 0, and I or l for 1, are read as the digit. Raises WrongNumber, saying
        what is wrong with it.
        """
        bare = _bare(text)
        if by_hand := BY_HAND.fullmatch(bare):
            bare = by_hand[1] + by_hand[2].translate(DIGITS)
        match = SHAPE.fullmatch(bare)
        if match is None:
            raise WrongNumber(
                N_(
                    "A certificate number looks like IMP-2026-000123-38: letters, "
                    "the year, six digits and two check digits."
                )
            )
        prefix, year, serial, check = match.groups()
        number = cls(prefix, int(year), int(serial))
        if number.check != check or len(serial) != max(6, len(str(int(serial)))):
            raise WrongNumber(
                N_(
                    "%(number)s is not a certificate number: its check digits do not "
                    "agree. A digit is wrong, or two have changed places."
                ),
                number=f"{prefix}-{year}-{serial}-{check}",
            )
        return number


def _bare(text: str) -> str:
    """Capitals and digits only; anything but blanks and dashes stays and is refused."""
    plain = unicodedata.normalize("NFKC", text) if len(text) <= LONGEST else ""
    return "".join(
        letter
        for letter in plain.upper()
        if not letter.isspace() and unicodedata.category(letter) not in {"Pd", "Cf"}
        if letter not in "\u2212_"
    )

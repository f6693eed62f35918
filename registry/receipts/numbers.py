"""The number of a receipt: `RIC-2026-000123-38`, in the shape of a certificate’s."""

from registry.certificates.numbers import Number, WrongNumber
from registry.errors import N_, NotFound

PREFIX = "RIC"


class NoReceiptNumber(NotFound):
    """What was typed cannot be the number of any receipt."""


def written(year: int, serial: int) -> str:
    """The number of the `serial`-th receipt of a year, check digits included."""
    return str(Number(PREFIX, year, serial))


def read(text: str) -> str:
    """
    The number somebody typed, in the register’s spelling.

    Raises NoReceiptNumber where the shape or the check digits are wrong.
    """
    try:
        number = Number.read(text)
    except WrongNumber as wrong:
        raise _none() from wrong
    if number.prefix != PREFIX:
        raise _none()
    return str(number)


def _none() -> NoReceiptNumber:
    return NoReceiptNumber(
        N_(
            "A receipt number looks like RIC-2026-000123-38: RIC, the year, six "
            "digits and two check digits."
        )
    )

"""Columns of answers as sets of bits: row i is bit i of one long whole number.

Each distinct value is judged once; what is true of many rows is one number, and the
"and" and "or" of Kleene are `&` and `|`. No dependency, no floating point.
"""

import sys
from array import array
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

_BLOCK = 256
# Beyond these many blocks half true, one look-up per row is cheaper.
_MIXED = 12
_ONE, _ZERO = 49, 48  # the digits "1" and "0"


class Coded:
    """A column: its distinct values, and for each row the place of its value."""

    def __init__(self, values: Sequence[Any], codes: Sequence[int]) -> None:
        self.values = tuple(values)
        self.rows = len(codes)
        self.codes = packed(codes, len(self.values))
        # The first row is the last digit of the number read in base two.
        self._high: bytes | None = None
        if isinstance(self.codes, bytes):
            self._low = self.codes[::-1]
        else:
            size, raw = self.codes.itemsize, self.codes.tobytes()
            least, next_ = (0, 1) if sys.byteorder == "little" else (-1, -2)
            self._low = raw[least % size :: size][::-1]
            self._high = raw[next_ % size :: size][::-1]
        self._blocks: dict[int, int] = {}

    @classmethod
    def of(
        cls,
        column: Sequence[Any],
        key: Callable[[Any], Hashable] | None = None,
        value: Callable[[Any], Any] | None = None,
    ) -> "Coded":
        """The column coded; equal keys are the same value.

        Where `value` gives numbers or days they are put in order, so that a limit falls
        in one block only. What has no key (repeated rows) stands for itself.
        """
        try:
            keys = _keys(column) if key is None else list(map(key, column))
            first: dict[Hashable, int] = {}
            for place, one in enumerate(keys):
                first.setdefault(one, place)
        except TypeError:
            return cls(column, range(len(column)))
        distinct = [column[place] for place in first.values()]
        order = _order(distinct if value is None else list(map(value, distinct)))
        code = dict(zip(first, _ranks(order), strict=True))
        return cls([distinct[place] for place in order], [code[one] for one in keys])

    def with_values(self, values: Iterable[Any]) -> "Coded":
        """The same rows, with other values in the place of these."""
        return Coded(list(values), self.codes)

    def __getitem__(self, row: int) -> Any:
        return self.values[self.codes[row]]

    def mask(self, truths: Sequence[bool]) -> int:
        """The rows whose value is true in `truths`, one truth for each value."""
        digits = bytes(_ONE if truth else _ZERO for truth in truths)
        if self._high is None:
            return _number(self._low.translate(digits.ljust(_BLOCK, b"0")))
        if len(digits) > _BLOCK * _BLOCK:
            return self._looked_up(digits)
        blocks = [digits[at : at + _BLOCK] for at in range(0, len(digits), _BLOCK)]
        mixed = [at for at, one in enumerate(blocks) if len(set(one)) > 1]
        if len(mixed) > _MIXED:
            return self._looked_up(digits)
        whole = bytes(_ZERO if at in mixed else one[0] for at, one in enumerate(blocks))
        found = _number(self._high.translate(whole.ljust(_BLOCK, b"0")))
        for at in mixed:
            inside = _number(self._low.translate(blocks[at].ljust(_BLOCK, b"0")))
            found |= inside & self._block(at)
        return found

    def _looked_up(self, digits: bytes) -> int:
        return _number(bytes(map(digits.__getitem__, reversed(self.codes))))

    def _block(self, at: int) -> int:
        if at not in self._blocks:
            assert self._high is not None  # noqa: S101 - only called where there is one
            digits = bytearray(b"0" * _BLOCK)
            digits[at] = _ONE
            self._blocks[at] = _number(self._high.translate(bytes(digits)))
        return self._blocks[at]


def packed(codes: Sequence[int], values: int) -> "bytes | array[int]":
    """Codes of so many values, in as few bytes as they need."""
    if values <= _BLOCK:
        return codes if isinstance(codes, bytes) else bytes(list(codes))
    kind = "H" if values <= _BLOCK * _BLOCK else "I"
    return array(kind, codes)


def _number(digits: bytes) -> int:
    return int(digits, 2) if digits else 0


def _keys(column: Sequence[Any]) -> Sequence[Hashable]:
    # True == 1 and 1 == Decimal(1): of several types, the type is part of the key.
    kinds = set(map(type, column)) - {type(None)}
    return column if len(kinds) <= 1 else [(type(one), one) for one in column]


def _order(values: list[Any]) -> list[int]:
    places = range(len(values))
    try:
        return sorted(places, key=lambda at: (values[at] is not None, values[at] or 0))
    except TypeError:
        return list(places)


def _ranks(order: list[int]) -> list[int]:
    ranks = [0] * len(order)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return ranks


class Counter:
    """A whole number for every row, kept digit by digit: bit i of `planes[k]` is the
    k-th binary digit of row i."""

    def __init__(self, planes: Iterable[int] = ()) -> None:
        self.planes = list(planes)

    def add(self, mask: int, amount: int) -> None:
        """Add `amount` (0 or more) to the rows of `mask`."""
        self.plus(Counter(mask if amount >> k & 1 else 0 for k in _bits(amount)))

    def plus(self, other: "Counter") -> None:
        """Add to each row the number of the same row of `other`."""
        carry = 0
        for place in range(max(len(self.planes), len(other.planes))):
            if place == len(self.planes):
                self.planes.append(0)
            mine = self.planes[place]
            theirs = other.planes[place] if place < len(other.planes) else 0
            if not theirs and not carry and place >= len(other.planes):
                return
            half = mine ^ theirs
            self.planes[place] = half ^ carry
            carry = (mine & theirs) | (carry & half)
        if carry:
            self.planes.append(carry)

    def times(self, factor: int) -> "Counter":
        """Each row times a whole number of 0 or more."""
        made = Counter()
        for place in _bits(factor):
            if factor >> place & 1:
                made.plus(Counter([0] * place + self.planes))
        return made

    def at_least(self, other: "Counter", everything: int) -> int:
        """The rows in which this number is not less than the other's."""
        equal, more = everything, 0
        for place in reversed(range(max(len(self.planes), len(other.planes)))):
            mine = self.planes[place] if place < len(self.planes) else 0
            theirs = other.planes[place] if place < len(other.planes) else 0
            more |= equal & mine & ~theirs
            equal &= ~(mine ^ theirs)
        return more | equal

    def of_row(self, row: int) -> int:
        """The number of one row."""
        return sum((plane >> row & 1) << k for k, plane in enumerate(self.planes))

    def total(self) -> int:
        """The sum over all the rows."""
        return sum(plane.bit_count() << k for k, plane in enumerate(self.planes))


def _bits(number: int) -> range:
    return range(number.bit_length())


def mask_of(rows: Iterable[int], count: int) -> int:
    """The set of these rows, out of `count`."""
    digits = bytearray(b"0" * count)
    for row in rows:
        digits[count - 1 - row] = _ONE
    return _number(bytes(digits))


def rows_of(mask: int) -> list[int]:
    """The rows of a set, in order."""
    digits = bin(mask)[:1:-1]
    found, at = [], digits.find("1")
    while at >= 0:
        found.append(at)
        at = digits.find("1", at + 1)
    return found


def digits_of(coded: Coded, numbers: Sequence[int]) -> Counter:
    """A counter that holds, for each row, the number given for its value."""
    top = max(numbers, default=0).bit_length()
    return Counter(
        coded.mask([bool(number >> place & 1) for number in numbers])
        for place in range(top)
    )

"""What is known of an applicant: declared, verified, refused, with its expiry."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Basis(StrEnum):
    """Whose values the rules see."""

    DECLARED = "declared"  # the organisation's
    VERIFIED = "verified"  # the auditor's


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer: what was declared, what was established, until when it is proved.

    `verified` None means not verified yet; `rejected` means that the auditor refused
    it; `expires` is the last day on which the evidence behind `verified` serves.
    """

    declared: Any = None
    verified: Any = None
    expires: dt.date | None = None
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one application.

    `reserves_used` names the requirements that already passed with reserve once.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    reserves_used: frozenset[str] = frozenset()

    @classmethod
    def declared(cls, values: Mapping[str, Any]) -> "Case":
        """A case of which only the declared values are known."""
        return cls({name: Fact(declared=value) for name, value in values.items()})

    @classmethod
    def verified(cls, values: Mapping[str, Any]) -> "Case":
        """A case in which every value was declared and then confirmed."""
        return cls({name: Fact(value, value) for name, value in values.items()})

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
class Waiver:
    """A claim that a requirement does not apply, with its reason.

    `accepted` is the auditor's word, None until it is given.
    """

    reason: str
    accepted: bool | None = None

    def holds(self, basis: Basis) -> bool:
        """Whether the claim counts: reasoned, and accepted once values are verified."""
        if not self.reason.strip():
            return False
        if basis is Basis.DECLARED:
            return self.accepted is not False
        return self.accepted is True


@dataclass(frozen=True, slots=True)
class Action:
    """A corrective action agreed on a day, to be done by its last day."""

    due: dt.date
    agreed_on: dt.date | None = None

    def until(self, corrective_days: int) -> dt.date:
        """The last day on which it runs: never beyond the days the edition allows."""
        if self.agreed_on is None:
            return self.due
        try:
            last = self.agreed_on + dt.timedelta(days=corrective_days)
        except OverflowError:
            return self.due
        return min(self.due, last)


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one application.

    `reserves_used` names the requirements that already passed with reserve once;
    `waivers` and `actions` are by requirement.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    reserves_used: frozenset[str] = frozenset()
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)

    @classmethod
    def declared(cls, values: Mapping[str, Any]) -> "Case":
        """A case of which only the declared values are known."""
        return cls({name: Fact(declared=value) for name, value in values.items()})

    @classmethod
    def verified(cls, values: Mapping[str, Any]) -> "Case":
        """A case in which every value was declared and then confirmed."""
        return cls({name: Fact(value, value) for name, value in values.items()})

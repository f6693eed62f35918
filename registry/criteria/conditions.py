"""The closed set of rules: eight conditions and three groupings, no `not`, no code."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    Tag,
    model_validator,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,47}$")]
Months = Annotated[StrictInt, Field(ge=1, le=600)]
Percent = Annotated[StrictInt, Field(ge=1, le=100)]


class Model(BaseModel):
    """What every part of an edition is: strict, closed and never changed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, populate_by_name=True
    )


class Is(Model):
    """The answer is exactly this value."""

    answer: Slug
    is_: StrictBool | Slug = Field(alias="is")


class OneOf(Model):
    """The answer is one of these options; of several chosen, at least one is."""

    answer: Slug
    one_of: Annotated[tuple[Slug, ...], Field(min_length=2)]


class Includes(Model):
    """Among the options chosen are all of these."""

    answer: Slug
    includes: Annotated[tuple[Slug, ...], Field(min_length=1)]


class AtLeast(Model):
    """The number is this one or more."""

    answer: Slug
    at_least: StrictInt


class AtMost(Model):
    """The number is this one or less."""

    answer: Slug
    at_most: StrictInt


class PercentAtLeast(Model):
    """A share, or one number out of another, reaches this percentage (exactly)."""

    answer: Slug
    out_of: Slug | None = None
    percent_at_least: Percent


class WithinMonths(Model):
    """The day is not in the future and not more than these months ago."""

    answer: Slug
    within_months: Months


class NotExpired(Model):
    """The day has not passed; the day itself still counts."""

    answer: Slug
    not_expired: Literal[True]


class AllOf(Model):
    """Every one of these holds."""

    all_of: Annotated[tuple["Rule", ...], Field(min_length=2)]


class AnyOf(Model):
    """At least one of these holds."""

    any_of: Annotated[tuple["Rule", ...], Field(min_length=2)]


class SomeOf(Model):
    """At least `how_many` of these hold."""

    some_of: Annotated[tuple["Rule", ...], Field(min_length=2)]
    how_many: Annotated[StrictInt, Field(ge=1)]

    @model_validator(mode="after")
    def _reachable(self) -> "SomeOf":
        if self.how_many > len(self.some_of):
            raise ValueError("«how_many» supera il numero delle condizioni elencate")
        return self


Condition = (
    Is
    | OneOf
    | Includes
    | AtLeast
    | AtMost
    | PercentAtLeast
    | WithinMonths
    | NotExpired
)

WORDS: dict[str, type[Model]] = {
    "is": Is,
    "one_of": OneOf,
    "includes": Includes,
    "at_least": AtLeast,
    "at_most": AtMost,
    "percent_at_least": PercentAtLeast,
    "within_months": WithinMonths,
    "not_expired": NotExpired,
    "all_of": AllOf,
    "any_of": AnyOf,
    "some_of": SomeOf,
}
_WORD_OF = {kind: word for word, kind in WORDS.items()}


def word_of(rule: object) -> str | None:
    """The one word of the language a rule (or its raw mapping) is made with."""
    if not isinstance(rule, dict):
        return _WORD_OF.get(type(rule))  # type: ignore[arg-type]
    found = [word for word in WORDS if word in rule]
    return found[0] if len(found) == 1 else None


Rule = Annotated[
    Annotated[Is, Tag("is")]
    | Annotated[OneOf, Tag("one_of")]
    | Annotated[Includes, Tag("includes")]
    | Annotated[AtLeast, Tag("at_least")]
    | Annotated[AtMost, Tag("at_most")]
    | Annotated[PercentAtLeast, Tag("percent_at_least")]
    | Annotated[WithinMonths, Tag("within_months")]
    | Annotated[NotExpired, Tag("not_expired")]
    | Annotated[AllOf, Tag("all_of")]
    | Annotated[AnyOf, Tag("any_of")]
    | Annotated[SomeOf, Tag("some_of")],
    Discriminator(
        word_of,
        custom_error_type="rule",
        custom_error_message="una regola usa una sola di queste parole: "
        + ", ".join(WORDS),
    ),
]
for _group in (AllOf, AnyOf, SomeOf):
    _group.model_rebuild()


def children(rule: Rule) -> tuple[Rule, ...]:
    """The rules a grouping is made of; nothing for a condition."""
    if isinstance(rule, AllOf):
        return rule.all_of
    if isinstance(rule, AnyOf):
        return rule.any_of
    if isinstance(rule, SomeOf):
        return rule.some_of
    return ()


def conditions(rule: Rule) -> Iterator[Condition]:
    """Every condition of a rule, in the order in which it is written."""
    if isinstance(rule, AllOf | AnyOf | SomeOf):
        for child in children(rule):
            yield from conditions(child)
    else:
        yield rule


def names(condition: Condition) -> tuple[str, ...]:
    """The answers a condition looks at."""
    if isinstance(condition, PercentAtLeast) and condition.out_of is not None:
        return (condition.answer, condition.out_of)
    return (condition.answer,)

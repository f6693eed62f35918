"""The questions of an edition: answers, repeated rows, and what follows from them."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from registry.criteria.conditions import Model, Months, Rule, Slug

Words = Annotated[str, StringConstraints(min_length=1)]
AnswerType = Literal[
    "yes_no", "choice", "choices", "integer", "decimal", "date", "text", "rows"
]
ColumnType = Literal[
    "yes_no", "choice", "choices", "integer", "decimal", "date", "text"
]


class Text(Model):
    """The same words in both languages; the Italian ones are the official ones."""

    it: Words
    en: Words

    def in_(self, language: str) -> str:
        """The words in `language` ("it" or "en"; anything else reads Italian)."""
        return self.en if language == "en" else self.it


class Question(Model):
    """What an answer and a column of a repeated row have in common."""

    label: Text
    help: Text | None = None
    options: dict[Slug, Text] = {}  # noqa: RUF012 - pydantic copies it
    min: StrictInt | None = None
    max: StrictInt | None = None
    max_length: Annotated[StrictInt, Field(ge=1, le=4000)] = 500
    optional: StrictBool = False
    table: Literal["contracts"] | None = None


def _check_options(question: "Answer | Column") -> None:
    if bool(question.options) != (question.type in ("choice", "choices")):
        raise ValueError("«options» serve ai tipi choice e choices, e solo a quelli")
    if question.table is not None and question.type != "text":
        raise ValueError("«table» è ammesso solo per il tipo text")


class Column(Question):
    """One typed cell of a repeated row."""

    type: ColumnType

    @model_validator(mode="after")
    def _fits(self) -> "Column":
        _check_options(self)
        return self


class DaysBetween(Model):
    """Days from one day of the row to another, less a number answered elsewhere."""

    from_: Slug = Field(alias="from")
    to: Slug
    less: Slug | None = None


class SameDayAs(Model):
    """Whether another row, for which `where` holds, has the same day."""

    column: Slug
    where: Rule


class InPeriod(Model):
    """Whether a day of the row falls in the `months` that end on an answered day."""

    column: Slug
    ending: Slug
    months: Months


class InTable(Model):
    """Whether a code of the row is admitted by a dated table on an answered day."""

    column: Slug
    table: Literal["contracts"]
    on: Slug


class DerivedColumn(Model):
    """A cell worked out from the row: exactly one of the four ways."""

    label: Text
    days_between: DaysBetween | None = None
    same_day_as: SameDayAs | None = None
    in_period: InPeriod | None = None
    in_table: InTable | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "DerivedColumn":
        ways = (self.days_between, self.same_day_as, self.in_period, self.in_table)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                "una colonna derivata usa una sola di queste parole: "
                "days_between, same_day_as, in_period, in_table"
            )
        return self

    @property
    def type(self) -> ColumnType:
        """The type a rule sees."""
        return "integer" if self.days_between is not None else "yes_no"


class Answer(Question):
    """Something the organisation declares and the auditor verifies."""

    section: Slug
    type: AnswerType
    asked_if: Rule | None = None
    evidence: tuple[Slug, ...] = ()
    public: StrictBool = False
    columns: dict[Slug, Column] = {}  # noqa: RUF012 - pydantic copies it
    derived: dict[Slug, DerivedColumn] = {}  # noqa: RUF012 - pydantic copies it
    named_by: Slug | None = None
    min_rows: Annotated[StrictInt, Field(ge=0)] = 0
    max_rows: Annotated[StrictInt, Field(ge=1, le=200)] = 50

    @model_validator(mode="after")
    def _fits(self) -> "Answer":
        _check_options(self)
        if bool(self.columns) != (self.type == "rows"):
            raise ValueError("«columns» serve al tipo rows, e solo a quello")
        if self.type == "rows" and self.named_by not in self.columns:
            raise ValueError("«named_by» deve essere una delle colonne")
        return self


class Unit(Model):
    """What is counted, in the singular and in the plural."""

    one: Text
    many: Text


class Derived(Model):
    """A plain answer worked out from rows: a number, a share or a day."""

    label: Text
    rows: Slug
    where: Rule | None = None
    count: Literal[True] | None = None
    distinct: Slug | None = None
    sum: Slug | None = None
    share: Slug | None = None
    latest: Slug | None = None
    unit: Unit | None = None
    shown: StrictBool = True

    @model_validator(mode="after")
    def _one_way(self) -> "Derived":
        ways = (self.count, self.sum, self.share, self.latest)
        if how_many_given(ways) != 1:
            raise ValueError(
                "una risposta derivata usa una sola di queste parole: "
                "count, sum, share, latest"
            )
        if self.distinct is not None and self.count is None:
            raise ValueError("«distinct» si usa solo con «count»")
        if self.share is not None and self.where is None:
            raise ValueError("«share» vuole un «where»")
        return self

    @property
    def type(self) -> Literal["integer", "share", "date"]:
        """The type a rule sees."""
        if self.share is not None:
            return "share"
        return "date" if self.latest is not None else "integer"


def how_many_given(values: tuple[object, ...]) -> int:
    """How many of `values` are given."""
    return sum(value is not None for value in values)

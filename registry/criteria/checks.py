"""Static checks of an edition: every name exists and every rule fits its answer."""

from collections.abc import Iterator, Mapping

from registry.criteria.conditions import (
    AtLeast,
    AtMost,
    Condition,
    Includes,
    Is,
    Model,
    NotExpired,
    OneOf,
    PercentAtLeast,
    Rule,
    WithinMonths,
    children,
    conditions,
    names,
    word_of,
)
from registry.criteria.edition import (
    Answer,
    Column,
    Derived,
    DerivedColumn,
    Edition,
    Parameters,
    Requirement,
    Until,
)

Place = tuple[str | int, ...]
Problem = tuple[Place, str]
Known = Mapping[str, "Answer | Column | Derived | DerivedColumn"]

_TYPES: dict[type[Model], tuple[str, ...]] = {
    Is: ("yes_no", "choice"),
    OneOf: ("choice", "choices"),
    Includes: ("choices",),
    AtLeast: ("integer", "decimal"),
    AtMost: ("integer", "decimal"),
    PercentAtLeast: ("integer",),
    WithinMonths: ("date",),
    NotExpired: ("date",),
}


def problems(edition: Edition) -> list[Problem]:
    """Every mistake that the shape alone does not show, with its place in the file."""
    found: list[Problem] = []
    for part in (
        _answers,
        _derived,
        _evidence,
        _requirements,
        _parameters,
        _levels,
        _replaces,
    ):
        found.extend(part(edition))
    return found


def nearest(name: str, known: Mapping[str, object]) -> str:
    """A hint at the known name that was probably meant; empty when none is near."""

    # Same letters in another order, or one letter off: the usual slips.
    def distance(other: str) -> int:
        row = list(range(len(other) + 1))
        for i, a in enumerate(name, 1):
            last, row[0] = row[0], i
            for j, b in enumerate(other, 1):
                last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
        return row[-1]

    near = min(known, key=distance, default="")
    return f"; forse «{near}»?" if near and distance(near) <= 3 else ""


def unknown(name: str, known: Mapping[str, object], what: str) -> str:
    """The words for a name that does not exist, with the one probably meant."""
    return f"{what} «{name}»{nearest(name, known)}"


def rule_problems(rule: Rule, known: Known, place: Place) -> Iterator[Problem]:
    """What is wrong in a rule, given the answers it may look at."""
    word = word_of(rule) or ""
    if children(rule):
        for index, child in enumerate(children(rule)):
            yield from rule_problems(child, known, (*place, word, index))
        return
    for condition in conditions(rule):
        yield from _condition_problems(condition, known, place)


def _condition_problems(
    condition: Condition, known: Known, place: Place
) -> Iterator[Problem]:
    word = word_of(condition)
    for name in names(condition):
        question = known.get(name)
        if question is None:
            yield (*place, "answer"), unknown(name, known, "risposta sconosciuta")
            return
        allowed = _TYPES[type(condition)]
        if isinstance(condition, PercentAtLeast) and condition.out_of is None:
            allowed = ("share",)
        if question.type not in allowed:
            remedy = f"ammesso per: {', '.join(allowed)}"
            text = f"«{word}» non si applica a «{name}», di tipo {question.type}"
            yield (*place, "answer"), f"{text} ({remedy})"
            return
    if isinstance(condition, PercentAtLeast) and condition.out_of is not None:
        whole = known[condition.out_of]
        if (getattr(whole, "min", None) or 0) < 1:
            text = "potrebbe essere 0, e non c’è percentuale di zero: mettere «min: 1»"
            yield (*place, "out_of"), f"«{condition.out_of}» {text}"
    yield from _value_problems(condition, known[condition.answer], place)


def _value_problems(
    condition: Condition,
    question: "Answer | Column | Derived | DerivedColumn",
    place: Place,
) -> Iterator[Problem]:
    options = getattr(question, "options", {})
    given: tuple[bool | str, ...] = ()
    if isinstance(condition, Is):
        given = (condition.is_,)
        if question.type == "yes_no" and not isinstance(condition.is_, bool):
            yield (*place, "is"), "per una domanda sì/no si scrive true o false"
            return
    elif isinstance(condition, OneOf):
        given = condition.one_of
    elif isinstance(condition, Includes):
        given = condition.includes
    if question.type in ("choice", "choices"):
        for value in given:
            if value not in options:
                text = unknown(str(value), options, "opzione sconosciuta")
                yield (*place, word_of(condition) or ""), text
    top = getattr(question, "max", None)
    if isinstance(condition, AtLeast) and top is not None and condition.at_least > top:
        yield (*place, "at_least"), f"supera il massimo della risposta, {top}"


def _rows_known(answer: Answer, derived: bool) -> Known:
    return {**answer.columns, **(answer.derived if derived else {})}


def _answers(edition: Edition) -> Iterator[Problem]:
    before: dict[str, Answer] = {}
    for name, answer in edition.answers.items():
        place: Place = ("answers", name)
        if answer.section not in edition.sections:
            text = unknown(answer.section, edition.sections, "sezione sconosciuta")
            yield (*place, "section"), text
        for kind in answer.evidence:
            if kind not in edition.evidence:
                text = unknown(kind, edition.evidence, "prova sconosciuta")
                yield (*place, "evidence"), text
        if answer.asked_if is not None:
            known = {key: one for key, one in before.items() if one.type != "rows"}
            yield from rule_problems(answer.asked_if, known, (*place, "asked_if"))
            yield from _timeless(answer.asked_if, (*place, "asked_if"))
        for column, derived in answer.derived.items():
            here = (*place, "derived", column)
            yield from _derived_column(edition, answer, derived, here)
        before[name] = answer


_NO_DAYS = (
    "una domanda o una prova non dipende dal giorno: togliere "
    "within_months e not_expired e usare una risposta sì/no"
)


def _timeless(rule: Rule, place: Place) -> Iterator[Problem]:
    if any(isinstance(one, WithinMonths | NotExpired) for one in conditions(rule)):
        yield place, _NO_DAYS


def _typed(known: Known, name: str, type_: str, place: Place) -> Iterator[Problem]:
    found = known.get(name)
    if found is None:
        yield place, unknown(name, known, "nome sconosciuto")
    elif found.type != type_:
        yield place, f"«{name}» è di tipo {found.type}; qui serve il tipo {type_}"


def _derived_column(
    edition: Edition, answer: Answer, derived: DerivedColumn, place: Place
) -> Iterator[Problem]:
    columns, answers = answer.columns, edition.answers
    if (between := derived.days_between) is not None:
        here = (*place, "days_between")
        yield from _typed(columns, between.from_, "date", here)
        yield from _typed(columns, between.to, "date", here)
        if between.less is not None:
            yield from _typed(answers, between.less, "integer", here)
    if (same := derived.same_day_as) is not None:
        here = (*place, "same_day_as")
        yield from _typed(columns, same.column, "date", here)
        yield from rule_problems(same.where, columns, (*here, "where"))
    if (period := derived.in_period) is not None:
        yield from _typed(columns, period.column, "date", (*place, "in_period"))
        yield from _typed(answers, period.ending, "date", (*place, "in_period"))
    if (table := derived.in_table) is not None:
        yield from _typed(columns, table.column, "text", (*place, "in_table"))
        yield from _typed(answers, table.on, "date", (*place, "in_table"))


def _derived(edition: Edition) -> Iterator[Problem]:
    for name, derived in edition.derived.items():
        place: Place = ("derived", name)
        answer = edition.answers.get(derived.rows)
        if name in edition.answers:
            yield place, f"«{name}» è già il nome di una risposta"
        if answer is None or answer.type != "rows":
            yield (*place, "rows"), f"«{derived.rows}» non è una risposta di tipo rows"
            continue
        columns = answer.columns
        if derived.where is not None:
            known = _rows_known(answer, derived=True)
            yield from rule_problems(derived.where, known, (*place, "where"))
        for word in ("sum", "share"):
            if (column := getattr(derived, word)) is not None:
                yield from _typed(columns, column, "integer", (*place, word))
        if derived.latest is not None:
            yield from _typed(columns, derived.latest, "date", (*place, "latest"))
        if derived.distinct is not None and derived.distinct not in columns:
            text = unknown(derived.distinct, columns, "colonna sconosciuta")
            yield (*place, "distinct"), text


def _evidence(edition: Edition) -> Iterator[Problem]:
    known: Known
    used = {kind for answer in edition.answers.values() for kind in answer.evidence}
    for name, kind in edition.evidence.items():
        place: Place = ("evidence", name)
        if name not in used:
            yield place, f"la prova «{name}» non è chiesta da nessuna risposta"
        if kind.required_if is not None:
            here = (*place, "required_if")
            known = {**edition.answers, **edition.derived}
            yield from rule_problems(kind.required_if, known, here)
            yield from _timeless(kind.required_if, here)
            for one in conditions(kind.required_if):
                derived = edition.derived.get(one.answer)
                if derived is not None and derived.where is not None:
                    yield from _timeless(derived.where, here)
        if kind.valid_until is not None:
            here = (*place, "valid_until")
            yield from _typed(edition.answers, kind.valid_until.answer, "date", here)


def _untils(edition: Edition, ends: tuple[Until, ...], at: Place) -> Iterator[Problem]:
    known: Known = {**edition.answers, **edition.derived}
    for index, end in enumerate(ends):
        yield from _typed(known, end.answer, "date", (*at, index))


def _requirements(edition: Edition) -> Iterator[Problem]:
    known: Known = {**edition.answers, **edition.derived}
    ids: set[str] = set()
    for index, one in enumerate(edition.requirements):
        place: Place = ("requirements", index)
        if one.id in ids:
            yield (*place, "id"), f"requisito ripetuto «{one.id}»"
        ids.add(one.id)
        if one.section not in edition.sections:
            text = unknown(one.section, edition.sections, "sezione sconosciuta")
            yield (*place, "section"), text
        yield from rule_problems(one.rule, known, (*place, "rule"))
        if one.reserve is not None:
            here = (*place, "reserve")
            yield from rule_problems(one.reserve.rule, known, (*here, "rule"))
            yield from _untils(edition, one.reserve.until, (*here, "until"))
        if one.awaits is not None:
            here = (*place, "awaits", "rule")
            yield from rule_problems(one.awaits.rule, known, here)
        if one.applies_if is not None:
            yield from rule_problems(one.applies_if, known, (*place, "applies_if"))
        for step_index, step in enumerate(one.steps):
            here = (*place, "steps", step_index, "rule")
            yield from rule_problems(step.rule, known, here)


def _levels(edition: Edition) -> Iterator[Problem]:
    ids: dict[str, Requirement] = {one.id: one for one in edition.requirements}
    seen: set[str] = set()
    for index, level in enumerate(edition.levels):
        place: Place = ("levels", index)
        if level.id in seen:
            yield (*place, "id"), f"livello ripetuto «{level.id}»"
        seen.add(level.id)
        for name in level.requires:
            if name not in ids:
                text = unknown(name, ids, "requisito sconosciuto")
                yield (*place, "requires"), text
        if level.percent_at_least is not None:
            here = (*place, "percent_at_least")
            yield from _never_zero(edition.requirements, here)
        for section in level.percent_in:
            here = (*place, "percent_in", section)
            if section not in edition.sections:
                text = unknown(section, edition.sections, "sezione sconosciuta")
                yield here, text
                continue
            yield from _never_zero(edition.requirements_in(section), here)


def _never_zero(pool: tuple[Requirement, ...], place: Place) -> Iterator[Problem]:
    # 0 points out of 0 reach any percentage: it must not happen.
    if not any(
        one.points and one.applies_if is None and one.not_applicable is None
        for one in pool
    ):
        text = (
            "il totale dei punti potrebbe essere 0: almeno un requisito che dà punti "
            "deve valere sempre, senza applies_if e senza not_applicable"
        )
        yield place, text


def _replaces(edition: Edition) -> Iterator[Problem]:
    old = edition.replaces
    if old is None:
        return
    place: Place = ("replaces",)
    if old.edition == edition.edition:
        yield (*place, "edition"), "un’edizione non può sostituire sé stessa"
    if old.new_applications_until < edition.in_force_from:
        text = "deve essere il giorno di «in_force_from» o uno successivo"
        yield (*place, "new_applications_until"), text
    if old.holders_until < old.new_applications_until:
        text = "non può venire prima di «new_applications_until»"
        yield (*place, "holders_until"), text
    for word in ("answers_from", "values_from", "ask_again"):
        for name in getattr(old, word):
            if name not in edition.answers:
                text = unknown(name, edition.answers, "risposta sconosciuta")
                yield (*place, word), text
    for name, options in old.values_from.items():
        question = edition.answers.get(name)
        for option in options.values():
            if question is not None and option not in question.options:
                text = unknown(option, question.options, "opzione sconosciuta")
                yield (*place, "values_from", name), text


def _parameters(edition: Edition) -> Iterator[Problem]:
    for name in Parameters.model_fields:
        if getattr(edition.parameters, name) is None:
            continue
        if name not in edition.parameter_notes:
            text = f"manca la nota sul parametro «{name}»: da dove viene?"
            yield ("parameter_notes",), text
    for name in edition.parameter_notes:
        if name not in Parameters.model_fields:
            text = unknown(name, Parameters.model_fields, "parametro sconosciuto")
            yield ("parameter_notes", name), text

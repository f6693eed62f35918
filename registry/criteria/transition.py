"""From one edition to the next: which answers are carried over, mapped, asked again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

from registry.criteria.checks import Problem, unknown
from registry.criteria.edition import Answer, Edition
from registry.criteria.facts import Case
from registry.criteria.values import is_legal
from registry.errors import N_


class Fate(StrEnum):
    """What becomes of an answer in the new edition."""

    KEPT = "kept"
    MAPPED = "mapped"
    ASKED_AGAIN = "asked_again"
    NEW = "new"

    @property
    def label(self) -> str:
        """The English words people see; marked for translation."""
        return _LABELS[self]


_LABELS = {
    Fate.KEPT: N_("Carried over"),
    Fate.MAPPED: N_("Carried over under other words"),
    Fate.ASKED_AGAIN: N_("Asked again"),
    Fate.NEW: N_("New question"),
}


class Source(NamedTuple):
    """Where an answer of the new edition comes from; `name` None when from nowhere."""

    fate: Fate
    name: str | None = None
    options: Mapping[str, str] = {}

    def value(self, old: Any) -> Any:
        """The old value in the words of the new edition."""
        if isinstance(old, tuple):
            return tuple(dict.fromkeys(self.options.get(one, one) for one in old))
        if isinstance(old, str):
            return self.options.get(old, old)
        return old


def sources(new: Edition, old: Edition) -> dict[str, Source]:
    """For every answer of `new`, where it comes from in `old`."""
    return {name: _source(new, old, name) for name in new.answers}


def _source(new: Edition, old: Edition, name: str) -> Source:
    replaces = new.replaces
    names = {} if replaces is None else replaces.answers_from
    source = names.get(name, name)
    if source not in old.answers:
        return Source(Fate.NEW)
    if replaces is not None and name in replaces.ask_again:
        return Source(Fate.ASKED_AGAIN)
    if not _same_kind(old.answers[source], new.answers[name]):
        return Source(Fate.ASKED_AGAIN)
    options = {} if replaces is None else replaces.values_from.get(name, {})
    fate = Fate.MAPPED if options or source != name else Fate.KEPT
    return Source(fate, source, options)


def _same_kind(old: Answer, new: Answer) -> bool:
    return old.type == new.type and {
        name: column.type for name, column in old.columns.items()
    } == {name: column.type for name, column in new.columns.items()}


def carry_over(new: Edition, old: Edition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers given under `old` that still serve under `new`, in its words.

    What is asked again, or is no longer a legal value, is left out.
    """
    carried = {}
    for name, source in sources(new, old).items():
        if source.name is None or values.get(source.name) is None:
            continue
        value = source.value(values[source.name])
        if is_legal(new.answers[name], value):
            carried[name] = value
    return carried


def carry_case(new: Edition, old: Edition, case: Case) -> Case:
    """All that is known of a case under `old`, as `new` would see it today.

    What the old edition never asked stays unknown: it is not a failure. Waivers go with
    the requirements that still admit them; actions are agreed anew.
    """
    facts = {}
    for name, source in sources(new, old).items():
        fact = None if source.name is None else case.facts.get(source.name)
        if fact is not None:
            facts[name] = replace(
                fact,
                declared=source.value(fact.declared),
                verified=source.value(fact.verified),
            )
    kept = {one.id for one in new.requirements}
    return Case(
        facts,
        frozenset(case.reserves_used & kept),
        {id_: one for id_, one in case.waivers.items() if id_ in kept},
    )


def transition_problems(new: Edition, old: Edition | None) -> list[Problem]:
    """What is wrong in how `new` takes over from `old`; None when it cannot be found.

    Every answer of the new edition is carried over as it was, mapped, or asked again.
    """
    if new.replaces is None:
        return []
    if old is None:
        text = f"l’edizione {new.scheme}/{new.replaces.edition} non esiste"
        return [(("replaces", "edition"), text)]
    return [
        problem
        for name, answer in new.answers.items()
        for problem in _answer_problems(new, old, name, answer)
    ]


def _answer_problems(
    new: Edition, old: Edition, name: str, answer: Answer
) -> Iterator[Problem]:
    replaces = new.replaces
    assert replaces is not None  # noqa: S101 - the caller looked
    source = replaces.answers_from.get(name, name)
    before = old.answers.get(source)
    if before is None:
        if name in replaces.answers_from:
            text = unknown(source, old.answers, f"in {old.key} non c’è la risposta")
            yield ("replaces", "answers_from", name), text
        return
    if name in replaces.ask_again:
        return
    if not _same_kind(before, answer):
        text = (
            f"«{name}» è cambiata di tipo rispetto a {old.key}: aggiungerla qui, "
            "perché sia chiesta di nuovo"
        )
        yield ("replaces", "ask_again"), text
        return
    yield from _option_problems(name, before, answer, replaces.values_from, old.key)


def _option_problems(
    name: str,
    before: Answer,
    answer: Answer,
    values_from: Mapping[str, Mapping[str, str]],
    key: str,
) -> Iterator[Problem]:
    mapped = values_from.get(name, {})
    for option in mapped:
        if option not in before.options:
            text = unknown(option, before.options, f"opzione sconosciuta in {key}")
            yield ("replaces", "values_from", name), text
    for option in before.options:
        if mapped.get(option, option) not in answer.options:
            text = (
                f"«{name}»: l’opzione «{option}» di {key} non c’è più; dire in "
                "«values_from» quale la sostituisce, oppure chiedere di nuovo la "
                "risposta in «ask_again»"
            )
            yield ("replaces", "values_from"), text

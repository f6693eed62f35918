"""The difference between two editions in sentences, Italian and English."""

from typing import Any, NamedTuple

from registry.criteria.calendar import NEVER, age
from registry.criteria.difference import (
    Change,
    Difference,
    Example,
    Relation,
    difference,
)
from registry.criteria.edition import Edition
from registry.criteria.judging import Range, Share
from registry.criteria.phrases import day as day_words
from registry.criteria.phrases import number, percent
from registry.criteria.transition import Fate
from registry.criteria.wording import Wording

_SAID: dict[str, dict[str, str]] = {
    "it": {
        "title": "Da {old} a {new}, casi provati al {day}.",
        "new": "{title}: requisito nuovo.",
        "removed": "{title}: requisito tolto.",
        "equal": "{title}: la regola non cambia.",
        "stricter": "{title}: più severo.",
        "looser": "{title}: meno severo.",
        "different": "{title}: diverso, in parte più severo e in parte meno.",
        "unproved": "{title}: diverso; troppe combinazioni per dire in che senso.",
        "lost": "Esempio, prima sì e ora no: {case}.",
        "won": "Esempio, prima no e ora sì: {case}.",
        "term": "{name}: prima {before}, ora {after}.",
        "mandatory": "Obbligatorio",
        "knock_out": "Blocca la domanda se manca",
        "severity": "Gravità",
        "points": "Punti",
        "number": "Numero",
        "not_applicable": "Può non applicarsi con un motivo",
        "reserve": "Riserva",
        "awaits": "Attesa dell’atto di altri",
        "steps": "Gradini di punteggio",
        "major": "maggiore",
        "minor": "minore",
        "True": "sì",
        "False": "no",
        "None": "no",
        "with_reason": "sì",
        "without": "nessuno",
        "changed": "{name}: regola cambiata.",
        "levels": "Livelli: {levels}.",
        "kept": "Risposte che restano: {names}.",
        "mapped": "Risposte riportate con altre parole: {names}.",
        "asked_again": "Risposte da chiedere di nuovo: {names}.",
        "new_answers": "Domande nuove: {names}.",
        "before": "{age} prima",
        "after": "nel futuro",
        "on_day": "lo stesso giorno",
        "old": "{label} (edizione precedente)",
    },
    "en": {
        "title": "From {old} to {new}, cases tried on {day}.",
        "new": "{title}: new requirement.",
        "removed": "{title}: requirement removed.",
        "equal": "{title}: the rule does not change.",
        "stricter": "{title}: stricter.",
        "looser": "{title}: looser.",
        "different": "{title}: different, in part stricter and in part looser.",
        "unproved": "{title}: different; too many combinations to say in which way.",
        "lost": "Example, yes before and no now: {case}.",
        "won": "Example, no before and yes now: {case}.",
        "term": "{name}: {before} before, {after} now.",
        "mandatory": "Mandatory",
        "knock_out": "Stops the application if not met",
        "severity": "Severity",
        "points": "Points",
        "number": "Number",
        "not_applicable": "May not apply, with a reason",
        "reserve": "Reserve",
        "awaits": "Waiting for others to act",
        "steps": "Steps of points",
        "major": "major",
        "minor": "minor",
        "True": "yes",
        "False": "no",
        "None": "no",
        "with_reason": "yes",
        "without": "none",
        "changed": "{name}: rule changed.",
        "levels": "Levels: {levels}.",
        "kept": "Answers that stay: {names}.",
        "mapped": "Answers carried over in other words: {names}.",
        "asked_again": "Answers to ask again: {names}.",
        "new_answers": "New questions: {names}.",
        "before": "{age} before",
        "after": "in the future",
        "on_day": "the same day",
        "old": "{label} (previous edition)",
    },
}


#: What each parameter of an edition is called, and what it is counted in.
PARAMETERS: dict[str, tuple[str, str, str]] = {
    "certificate_months": (
        "Durata del certificato",
        "Length of the certificate",
        "months",
    ),
    "recheck_months": ("Intervallo fra le verifiche", "Time between checks", "months"),
    "recheck_opens_days": (
        "Apertura della verifica prima dell’anniversario",
        "The re-check opens before the anniversary",
        "days",
    ),
    "reminder_days": (
        "Promemoria, in giorni dall’anniversario",
        "Letters of reminder, in days from the anniversary",
        "",
    ),
    "grace_days": (
        "Tolleranza dopo l’anniversario",
        "Days of grace after the anniversary",
        "days",
    ),
    "ratify_days": (
        "Termine per ratificare una sospensione",
        "Time to ratify a suspension",
        "days",
    ),
    "suspension_months": (
        "Sospensione più lunga",
        "Longest suspension",
        "months",
    ),
    "completion_days": (
        "Tempo per rispondere a un’integrazione",
        "Time to answer a completion request",
        "days",
    ),
    "completion_rounds": (
        "Richieste di integrazione, al massimo",
        "Completion requests, at most",
        "",
    ),
    "decision_days": ("Termine per la decisione", "Term for the decision", "days"),
    "idle_days": (
        "Archiviazione di una bozza ferma",
        "A draft left alone is archived after",
        "days",
    ),
    "max_reserves": (
        "Requisiti con riserva, al massimo",
        "Requirements met with reserve, at most",
        "",
    ),
    "small_number": (
        "Numero più piccolo mostrato nelle statistiche",
        "Smallest number shown in statistics",
        "",
    ),
    "corrective_days": (
        "Termine di un’azione correttiva",
        "Term of a corrective action",
        "days",
    ),
}


class Changes(NamedTuple):
    """The difference between two editions in sentences, kept apart by what changes."""

    #: For each requirement that changes, its sentences.
    requirements: list[list[str]]
    #: The titles of those whose rule and weight stay.
    unchanged: list[str]
    terms: list[str]
    answers: list[str]

    @classmethod
    def of(cls, old: Edition, new: Edition, language: str) -> "Changes":
        """What changes from `old` to `new`, in "it" or "en"."""
        teller = _Teller(difference(old, new), language)
        changed = teller.found.requirements
        equal = [c for c in changed if c.relation is Relation.EQUAL and not c.terms]
        return cls(
            [teller.change(one) for one in changed if one not in equal],
            [new.requirement(one.id).title.in_(teller.language) for one in equal],
            teller.terms(),
            teller.answers(),
        )


def tell(found: Difference, language: str) -> list[str]:
    """The difference as sentences in "it" or "en", one for each thing that changes."""
    return list(_Teller(found, language).all())


class _Teller:
    def __init__(self, found: Difference, language: str) -> None:
        self.found = found
        self.language = "en" if language == "en" else "it"
        self.words = Wording(found.new, self.language)

    def say(self, phrase: str, **parts: Any) -> str:
        return _SAID[self.language][phrase].format(**parts)

    def all(self) -> list[str]:
        found = self.found
        on = day_words(found.on, self.language)
        said = [self.say("title", old=found.old.key, new=found.new.key, day=on)]
        for change in found.requirements:
            said += self.change(change)
        return said + self.terms() + self.answers()

    def terms(self) -> list[str]:
        """What changes in the parameters and in the levels."""
        found = self.found
        said = [self.parameter(*one) for one in found.parameters]
        if found.levels[0] != found.levels[1]:
            titles = [one.title.in_(self.language) for one in found.new.levels]
            said.append(self.say("levels", levels=", ".join(titles) or "–"))
        return said

    def parameter(self, name: str, before: Any, after: Any) -> str:
        italian, english, unit = PARAMETERS[name]
        label = italian if self.language == "it" else english
        shown = [self.amount(one, unit) for one in (before, after)]
        return self.say("term", name=label, before=shown[0], after=shown[1])

    def amount(self, value: Any, unit: str) -> str:
        """A parameter with its unit; none is said so."""
        if value is None:
            return self.say("without")
        if isinstance(value, tuple):
            return ", ".join(str(one).replace("-", "−") for one in value)
        if unit == "months":
            return self.words.months(value)
        return self.words.duration(0, value) if unit == "days" else str(value)

    def answers(self) -> list[str]:
        phrases = {
            Fate.KEPT: "kept",
            Fate.MAPPED: "mapped",
            Fate.ASKED_AGAIN: "asked_again",
            Fate.NEW: "new_answers",
        }
        said = []
        for fate, phrase in phrases.items():
            labels = [
                f"«{self.words.label(name)}»" if self.language == "it"
                else f"“{self.words.label(name)}”"
                for name, source in self.found.answers.items()
                if source.fate is fate
            ]  # fmt: skip
            if labels:
                said.append(self.say(phrase, names=", ".join(labels)))
        return said

    def change(self, change: Change) -> list[str]:
        removed = change.relation is Relation.REMOVED
        edition: Edition = self.found.old if removed else self.found.new
        title = edition.requirement(change.id).title.in_(self.language)
        phrase = change.relation.value if change.proved else "unproved"
        said = [self.say(phrase, title=title)]
        for example in change.examples:
            case = self.case(example)
            said.append(self.say("won" if example.after else "lost", case=case))
        return said + [self.term(*term) for term in change.terms]

    def term(self, name: str, before: Any, after: Any) -> str:
        said = _SAID[self.language]
        if before == after:
            return self.say("changed", name=said[name])
        shown = [
            str(one) if type(one) is int else said[str(one)] for one in (before, after)
        ]
        return self.say("term", name=said[name], before=shown[0], after=shown[1])

    def case(self, example: Example) -> str:
        return "; ".join(
            f"{self.label(name)}: {self.value(name, value)}"
            for name, value in example.values.items()
        )

    def label(self, name: str) -> str:
        label = self.found.scope[name].label.in_(self.language)
        return self.say("old", label=label) if name.startswith("old.") else label

    def value(self, name: str, value: Any) -> str:
        if isinstance(value, Share):
            return percent(int(value.inside.low) * 10, self.language)
        if isinstance(value, Range):
            return number(value.low, self.language)
        text = self.words.value(self.found.scope[name], value)
        if getattr(self.found.scope[name], "type", "") != "date" or value == NEVER:
            return text
        if value > self.found.on:
            return f"{text}, {self.say('after')}"
        if value == self.found.on:
            return f"{text}, {self.say('on_day')}"
        past = self.words.duration(*age(value, self.found.on))
        return f"{text}, {self.say('before', age=past)}"

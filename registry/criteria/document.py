"""An edition read back as sentences: what policy people read, and sign."""

from collections.abc import Iterator

from registry.criteria.edition import Edition, Level, Parameters
from registry.criteria.explanation import read_rule
from registry.criteria.phrases import day, percent
from registry.criteria.wording import Wording

_SAID: dict[str, dict[str, str]] = {
    "it": {
        "edition": "Edizione {key}",
        "in_force": "In vigore dal {day}.",
        "digest": "Impronta delle regole: {digest}",
        "applicants": "Può chiedere: {kinds}.",
        "cooperative": "una cooperativa",
        "consortium": "un consorzio",
        "company": "un’impresa",
        "requirements": "Requisiti",
        "official": "Testo ufficiale: {text}",
        "why": "Perché: {text}",
        "source": "Fonte: {text}",
        "interpretation": "Interpretazione: {text}",
        "rule": "Regola: {text}",
        "major": "Se manca è una non conformità maggiore.",
        "minor": "Se manca è una non conformità minore.",
        "levels": "Livelli",
        "level": "{title}: {asks}.",
        "base": "tutti i requisiti obbligatori",
        "and_before": "quanto chiede il livello precedente",
        "requires": "soddisfatto per intero «{title}»",
        "percent": "almeno {p} dei punti",
        "percent_in": "almeno {p} dei punti di «{section}»",
        "asked": "Domande",
        "asked_if": "si chiede se: {rule}",
        "optional": "facoltativa",
        "public": "pubblica",
        "evidence": "prove: {names}",
        "evidence_title": "Prove",
        "parameters": "Termini",
        "transition": "Passaggio dall’edizione {old}",
        "new_until": "Nuove domande con la precedente fino al {day}.",
        "holders_until": "Certificati della precedente fino al {day}.",
        "sign": "Letto e approvato. Data e firma:",
    },
    "en": {
        "edition": "Edition {key}",
        "in_force": "In force from {day}.",
        "digest": "Digest of the rules: {digest}",
        "applicants": "Who may apply: {kinds}.",
        "cooperative": "a cooperative",
        "consortium": "a consortium",
        "company": "a company",
        "requirements": "Requirements",
        "official": "Official text: {text}",
        "why": "Why: {text}",
        "source": "Source: {text}",
        "interpretation": "Interpretation: {text}",
        "rule": "Rule: {text}",
        "major": "If not met it is a major nonconformity.",
        "minor": "If not met it is a minor nonconformity.",
        "levels": "Levels",
        "level": "{title}: {asks}.",
        "base": "all mandatory requirements",
        "and_before": "what the level before asks",
        "requires": "“{title}” met in full",
        "percent": "at least {p} of the points",
        "percent_in": "at least {p} of the points of “{section}”",
        "asked": "Questions",
        "asked_if": "asked if: {rule}",
        "optional": "optional",
        "public": "public",
        "evidence": "evidence: {names}",
        "evidence_title": "Evidence",
        "parameters": "Terms",
        "transition": "From edition {old}",
        "new_until": "New applications under the previous one until {day}.",
        "holders_until": "Certificates of the previous one until {day}.",
        "sign": "Read and approved. Date and signature:",
    },
}


def read_edition(edition: Edition, language: str) -> str:
    """The whole edition as a plain text document in "it" or "en"."""
    return "\n".join(_Reader(edition, language).lines()) + "\n"


class _Reader:
    def __init__(self, edition: Edition, language: str) -> None:
        self.edition = edition
        self.language = "en" if language == "en" else "it"
        self.words = Wording(edition, self.language)

    def say(self, phrase: str, **parts: object) -> str:
        return _SAID[self.language][phrase].format(**parts)

    def lines(self) -> Iterator[str]:
        edition, language = self.edition, self.language
        title = edition.title.in_(language)
        yield from (title, "=" * len(title), "")
        yield edition.official_title.in_(language)
        yield self.say("edition", key=edition.key)
        yield self.say("in_force", day=day(edition.in_force_from, language))
        kinds = self.words.say("or").join(map(self.say, edition.applicants))
        yield self.say("applicants", kinds=kinds)
        yield self.say("digest", digest=edition.digest)
        yield from ("", edition.summary.in_(language), edition.source.in_(language))
        yield from self.requirements()
        yield from self.levels()
        yield from self.questions()
        yield from self.evidence()
        yield from self.parameters()
        yield from self.transition()
        yield from ("", self.say("sign"), "")

    def heading(self, text: str) -> Iterator[str]:
        yield from ("", text, "-" * len(text))

    def requirements(self) -> Iterator[str]:
        yield from self.heading(self.say("requirements"))
        for one in self.edition.requirements:
            yield from ("", f"{one.number}. {one.title.in_(self.language)} ({one.id})")
            for phrase, text in (
                ("official", one.text),
                ("why", one.why),
                ("source", one.source),
                ("interpretation", one.interpretation),
            ):
                if text is not None:
                    yield f"   {self.say(phrase, text=text.in_(self.language))}"
            rule = read_rule(self.edition, one.id, self.language)
            yield f"   {self.say('rule', text=rule)}"
            if one.mandatory:
                yield f"   {self.say(one.severity)}"

    def levels(self) -> Iterator[str]:
        if not self.edition.levels:
            return
        yield from self.heading(self.say("levels"))
        for place, level in enumerate(self.edition.levels):
            asks = [self.say("and_before" if place else "base"), *self.level(level)]
            title = level.title.in_(self.language)
            yield self.say("level", title=title, asks="; ".join(asks))

    def level(self, level: Level) -> Iterator[str]:
        for id_ in level.requires:
            title = self.edition.requirement(id_).title.in_(self.language)
            yield self.say("requires", title=title)
        if level.percent_at_least is not None:
            share = percent(level.percent_at_least * 10, self.language)
            yield self.say("percent", p=share)
        for name, whole in level.percent_in.items():
            section = self.edition.sections[name].title.in_(self.language)
            share = percent(whole * 10, self.language)
            yield self.say("percent_in", p=share, section=section)

    def questions(self) -> Iterator[str]:
        yield from self.heading(self.say("asked"))
        for section, titled in self.edition.sections.items():
            yield from ("", titled.title.in_(self.language))
            for name, answer in self.edition.answers_in(section).items():
                notes = [self.say("optional")] if answer.optional else []
                notes += [self.say("public")] if answer.public else []
                if answer.asked_if is not None:
                    rule = self.words.ask(answer.asked_if, self.words.scope)
                    notes.append(self.say("asked_if", rule=rule))
                if answer.evidence:
                    kinds = [
                        self.edition.evidence[kind].label.in_(self.language)
                        for kind in answer.evidence
                    ]
                    notes.append(self.say("evidence", names=", ".join(kinds)))
                note = f" ({'; '.join(notes)})" if notes else ""
                yield f" - {self.words.label(name)}{note}"

    def evidence(self) -> Iterator[str]:
        if not self.edition.evidence:
            return
        yield from self.heading(self.say("evidence_title"))
        for kind in self.edition.evidence.values():
            label, shows = kind.label, kind.shows
            yield f" - {label.in_(self.language)}: {shows.in_(self.language)}"

    def parameters(self) -> Iterator[str]:
        yield from self.heading(self.say("parameters"))
        for name in Parameters.model_fields:
            value = getattr(self.edition.parameters, name)
            note = self.edition.parameter_notes.get(name)
            if value is None or note is None:
                continue
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            yield f" - {name}: {shown}. {note.text.in_(self.language)}"

    def transition(self) -> Iterator[str]:
        replaces = self.edition.replaces
        if replaces is None:
            return
        old = f"{self.edition.scheme}/{replaces.edition}"
        yield from self.heading(self.say("transition", old=old))
        until = day(replaces.new_applications_until, self.language)
        yield self.say("new_until", day=until)
        until = day(replaces.holders_until, self.language)
        yield self.say("holders_until", day=until)

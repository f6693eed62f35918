"""The acts of a certification, each as a person does it on the pages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from registry.accounts.models import Role
from registry.accounts.queries import by_email
from tests import factories
from tests.criteria.examples import conforming_answers
from tests.factories import picture
from tests.journeys.town import Town, Visitor

DAY = timedelta(days=1)
NAME = "L’Età dell’Oro – Società Cooperativa Sociale"
FIRST_WORDS = "Eta dell'oro"  # as a hurried person types it
VAT = "90007770168"
SECTIONS = ("eligibility", "revision", "assemblies", "contracts", "quality", "training")
CRITERIA = ("eligibility", "revision", "assembly", "contract", "quality", "training")


# --- the cooperative --------------------------------------------------------------


def register(
    secretariat: Visitor, email: str, name: str = NAME, vat: str = VAT
) -> None:
    """The secretariat enters a cooperative and invites its legal representative."""
    secretariat.open("/organisations/register")
    secretariat.window.fill(
        kind="social_b",
        name=name,
        vat=vat,
        albo="A234567",
        rea="BG-402118",
        province="BG",
        town="Nembro",
        person="Giulia Morandi",
        email=email,
    )
    secretariat.window.press("Registra e invia l’invito")
    secretariat.sees(f"L’invito è in viaggio verso {email}")


def join(visitor: Visitor) -> None:
    """From the letter to the desk."""
    visitor.accept_invitation()
    visitor.sign_in()
    assert visitor.window.address == "/desk"


def begin(cooperative: Visitor) -> str:
    """Start an application; returns its address."""
    cooperative.open("/applications/new")
    cooperative.window.press("Comincia la domanda")
    return cooperative.window.address


def complete(cooperative: Visitor, here: str, **changes: Any) -> None:
    """Answer every section and attach what it asks for."""
    on = cooperative.town.today
    answers = conforming_answers(on=on) | changes
    for section in SECTIONS:
        answer(cooperative, f"{here}/sections/{section}", answers)
        attach_what_is_needed(cooperative, f"{here}/sections/{section}")


def answer(visitor: Visitor, address: str, answers: dict[str, Any]) -> None:
    """Fill a section, and again while saving brings up more questions."""
    visitor.open(address)
    filled: set[str] = set()
    while fresh := _typed(visitor, answers, filled):
        visitor.window.fill(**fresh)
        filled |= set(fresh)
        visitor.window.press("Salva")
        visitor.open(address)


def _typed(
    visitor: Visitor, answers: dict[str, Any], filled: set[str]
) -> dict[str, Any]:
    """What the fields of the page are to say, those already filled aside."""
    for name in {n.partition("-")[0] for n in visitor.window.names()} & set(answers):
        rows = answers[name] if isinstance(answers[name], list) else []
        while (
            f"{name}-{len(rows) - 1}-" not in "".join(visitor.window.names()) and rows
        ):
            visitor.window.press(named=("add", name))
    fresh = {}
    for field in visitor.window.names():
        value = _value_of(field, answers)
        if field not in filled and value is not None:
            fresh[field] = _as_typed(value)
    return fresh


def _value_of(field: str, answers: dict[str, Any]) -> Any:
    name, _, rest = field.partition("-")
    if not rest:
        return answers.get(name)
    index, _, column = rest.partition("-")
    rows = answers.get(name)
    if not isinstance(rows, list) or not index.isdigit() or int(index) >= len(rows):
        return None
    return rows[int(index)].get(column)


def _as_typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return list(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace(".", ",") if not isinstance(value, str) else value


def attach_what_is_needed(visitor: Visitor, address: str) -> None:
    """One picture for every document that the section still asks for."""
    visitor.open(address)
    while needed := lacking(visitor):
        attach(visitor, needed[0])


def lacking(visitor: Visitor) -> list[str]:
    """The kinds of document that the page says are needed."""
    parts = visitor.window.parts("evidence-")
    return [
        id_[len("evidence-") :] for id_, text in parts.items() if "Necessario" in text
    ]


def attach(visitor: Visitor, kind: str, shade: int = 0) -> None:
    """Attach a document on the page of its section."""
    kinds = list(visitor.town.edition.evidence)
    content = picture(kinds.index(kind) + shade)
    visitor.window.attach(f"{kind}-file", f"{kind}.png", content)
    issued_on = (visitor.town.today - DAY).isoformat()
    visitor.window.fill(**{f"{kind}-issued_on": issued_on})
    visitor.window.press("Allega", inside=f"evidence-{kind}")
    visitor.sees("Il documento è allegato")


def send(cooperative: Visitor, here: str) -> None:
    """The declaration of the legal representative; leads to the receipt."""
    cooperative.open(f"{here}/submit")
    cooperative.window.fill(declared=True)
    cooperative.window.press("Invia la domanda")
    assert cooperative.window.address == f"{here}/receipt"


# --- the secretariat, the auditor, the committee -----------------------------------


def accept(secretariat: Visitor, here: str) -> None:
    """In scope: the clock starts."""
    secretariat.open(f"{here}/review")
    secretariat.window.press("Accetta la domanda")
    secretariat.sees("La domanda è accettata")


def assign(secretariat: Visitor, here: str, auditor: str) -> None:
    """Give the case to an auditor, by name."""
    secretariat.open(f"{here}/review")
    secretariat.window.follow("Assegnare un auditor")
    secretariat.window.fill(auditor=secretariat.window.choice(auditor))
    secretariat.window.press("Affida")
    secretariat.sees("Il fascicolo è affidato")


def take_up(auditor: Visitor, name: str = NAME) -> str:
    """Declare no tie with the organisation; returns the address of the sheet."""
    auditor.open("/audits")
    auditor.window.follow(name)
    assert auditor.window.address.endswith("/declaration")
    auditor.window.fill(conflict="none")
    auditor.window.press("Dichiara")
    return auditor.window.address


def verify(auditor: Visitor, sheet: str, criteria: Iterable[str] = CRITERIA) -> None:
    """Confirm what was declared, accept the evidence, follow the rules' verdict."""
    for name in criteria:
        auditor.open(f"{sheet}/criteria/{name}")
        confirm(auditor)
        accept_evidence(auditor)
        if auditor.window.value("verdict") == "not_met":
            auditor.window.fill(finding="Il criterio non risulta soddisfatto.")
        auditor.window.press("Salva il verdetto")
        auditor.sees("Verdetto salvato")


def confirm(auditor: Visitor) -> None:
    if "Conferma tutto come dichiarato" in auditor.window.text:
        auditor.window.press("Conferma tutto come dichiarato")


def accept_evidence(auditor: Visitor) -> None:
    """Accept every piece that was not yet looked at."""
    here = auditor.window.address
    while "Da esaminare" in auditor.window.text:
        auditor.window.press("Accetta")
        auditor.open(here)


def report(auditor: Visitor, sheet: str) -> None:
    """Hand the case to the committee."""
    auditor.open(f"{sheet}/report")
    auditor.window.fill(summary="Documenti esaminati: quanto dichiarato è confermato.")
    auditor.window.press("Consegna la relazione")
    auditor.sees("Relazione consegnata")


def decide(
    committee: Visitor, here: str, outcome: str = "granted", **more: str
) -> None:
    """The committee decides the case of an application."""
    committee.open(here.replace("/applications/", "/decisions/"))
    reasons = "I requisiti sono stati verificati sui documenti."
    committee.window.fill(outcome=outcome, reasons=reasons, **more)
    committee.window.press("Decidi")
    committee.sees("Deciso. L’organizzazione è avvisata.")


def judge_measure(committee: Visitor, words: str, outcome: str = "upheld") -> None:
    """The committee decides on what the registry recorded or proposes."""
    committee.open("/measures")
    committee.window.follow(words)
    committee.window.fill(outcome=outcome, reasons="Nulla è stato presentato.")
    committee.window.press("Decidi")
    committee.sees("Deciso")


def waiting(visitor: Visitor, task: str) -> str:
    """The address to which a task on the desk leads."""
    visitor.open("/desk")
    visitor.window.follow(task)
    return visitor.window.address


def evaluate(cast: "Cast", here: str) -> None:
    """From a filed application to the auditor's report, without surprises."""
    accept(cast.secretariat, here)
    assign(cast.secretariat, here, "Ada Auditor")
    sheet = take_up(cast.auditor)
    verify(cast.auditor, sheet)
    report(cast.auditor, sheet)


@dataclass
class Cast:
    """Who acts in a story."""

    town: Town
    cooperative: Visitor
    secretariat: Visitor
    auditor: Visitor
    committee: Visitor
    public: Visitor

    @classmethod
    def of(cls, town: Town, cooperative: Visitor | None = None) -> "Cast":
        """Staff who joined before, and a cooperative that just did."""
        secretariat = town.somebody(Role.SECRETARIAT, name="Sara Segretaria")
        if cooperative is None:
            register(secretariat, "giulia@eta.example")
            cooperative = town.invited("giulia@eta.example")
            join(cooperative)
        return cls(
            town,
            cooperative,
            secretariat,
            town.somebody(Role.AUDITOR, name="Ada Auditor"),
            town.somebody(Role.COMMITTEE, name="Carlo Comitato"),
            town.stranger(),
        )

    @classmethod
    def certified(cls, town: Town) -> tuple["Cast", str]:
        """A story that begins with a certificate of today; and its number."""
        cooperative = town.somebody(Role.COOPERATIVE, name="Giulia Morandi")
        speaker = by_email(cooperative.email)
        organisation = factories.organisation(speaker=speaker, name=NAME, vat=VAT)
        made = factories.certified(organisation, at=town.clock.now())
        number = made.number
        return cls.of(town, cooperative), number

    def file(self, here: str, **changes: Any) -> None:
        """Fill in what changed since last time, attach new documents, send."""
        complete(self.cooperative, here, **changes)
        send(self.cooperative, here)

    def grant(self, here: str) -> None:
        """Everything from filing to the decision, and what the jobs do of it."""
        evaluate(self, here)
        decide(self.committee, here)
        self.town.wake()

    def newest_number(self) -> str:
        """That of the newest certificate, from the cooperative's list."""
        self.cooperative.open("/certificates")
        return re.findall(r"IMP-\d{4}-\d{6}-\d{2}", self.cooperative.window.text)[0]

    def answer(self, **question: str) -> dict[str, Any]:
        """What the service says to a program."""
        return self.public.window.ask("/api/v1/verify", **question)

    def all_say(self, number: str, code: str) -> dict[str, Any]:
        """The page, the register and the service agree; returns what the last says."""
        word, sentence = WORDS[code]
        self.public.open(f"/c/{number}?lang=it")
        self.public.sees(word, sentence, number)
        self.public.open(f"/it/register?status={code}&q={VAT}")
        self.public.sees(NAME, word)
        told = self.answer(certificate=number)
        assert (told["status"], told["certificate"]["number"]) == (code, number)
        return told


#: How the register says each standing in Italian.
WORDS = {
    "valid": ("Valido", "Questo certificato è valido."),
    "in_update": ("In aggiornamento", "la verifica annuale è in corso di decisione"),
    "suspended": ("Sospeso", "Questo certificato è sospeso."),
    "withdrawn": ("Revocato", "Questo certificato è stato revocato."),
    "superseded": ("Sostituito", "Questo certificato è stato sostituito"),
}

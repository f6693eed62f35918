"""
The checking of a list, step by step, woken by a page, by a program or by the job.

Every step reads first and then keeps what it found in a short transaction of its own:
writers do not wait for it, a list that is cancelled stops after the step in hand, and
after a kill the next one goes on where the last step was kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from registry.accounts.queries import the_registry
from registry.db import READS_ONLY, db
from registry.garbage import looked_for_once
from registry.mail.operations import post
from registry.organisations.queries import speakers
from registry.receipts import operations as receipts
from registry.services import services
from registry.storage import Storage
from registry.suppliers import checking, operations, outcome, queries, reading
from registry.suppliers.answers import TO_CONFIRM, Answer, Terms
from registry.suppliers.columns import Layout
from registry.suppliers.models import ListState, SupplierList
from registry.suppliers.naming import settled
from registry.suppliers.outcome import Texts
from registry.suppliers.sheets.refusal import Answers
from registry.suppliers.vault import Vault, the_vault

S = ListState


@dataclass
class Work:
    """What is known of a list while it is checked."""

    id: int
    terms: Terms
    sheet: str
    rows: list[list[str]]
    done: int
    texts: Texts
    vault: Vault
    #: What was answered in this run: all of it where `whole`.
    answers: dict[int, Answer] = field(default_factory=dict)
    whole: bool = False


@looked_for_once()
def check(id_: int, at: datetime, *, tell: bool = False) -> None:
    """
    Do what there is to do for a list until it is done or asks something.

    With `tell` its company gets a letter then.  Where its file cannot be given back it
    fails with the rule.
    """
    vault = the_vault()
    if begun := queries.locked(id_, S.UPLOADED):
        operations.begin(begun, at=at)
    db.session.commit()
    with only_reading():
        work = _load(id_, vault)
    if work is None or not _answer_rows(work, at):
        return
    with only_reading():
        answers = _answers(work)
    if _asks(work, answers, at, tell=tell):
        return
    try:
        _give_back(work, answers, at)
    except reading.Unreadable as refusal:
        if of := queries.locked(id_, S.CHECKING):
            operations.fail(of, refusal.rule, by=the_registry(), at=at)
    if tell and (of := db.session.get(SupplierList, id_)):
        _tell(of, at)
    db.session.commit()


@contextmanager
def only_reading() -> Iterator[None]:
    """Where nothing is written, and nobody who writes has to wait."""
    db.session.rollback()
    before = READS_ONLY.set(True)
    try:
        yield
        db.session.rollback()
    finally:
        READS_ONLY.reset(before)


def _load(id_: int, vault: Vault) -> Work | None:
    of = db.session.get(SupplierList, id_)
    if of is None or of.state is not S.CHECKING or of.checked_on is None:
        return None
    (table,) = queries.contents(of, "table", vault)
    (layout,) = queries.contents(of, "layout", vault)
    on = of.checked_on
    return Work(
        id_,
        Terms(of.company_id, Layout.read(layout), on, of.threshold, of.scheme),
        table["sheet"],
        table["rows"],
        of.done,
        Texts(of.language, on, of.scheme, coded=of.format == "jsonl"),
        vault,
        whole=not of.done,
    )


def _answer_rows(work: Work, at: datetime) -> bool:
    """Answer the rows left; False where the list is no longer ours to check."""
    while work.done < len(work.rows):
        with only_reading():
            step = checking.step(work.rows, work.done, work.terms, work.vault)
        of = queries.locked(work.id, S.CHECKING)
        if of is None or of.done != work.done:
            db.session.rollback()
            return False
        operations.keep_step(of, step, at=at, vault=work.vault)
        db.session.commit()
        work.done = step.upto
        work.answers.update(step.answers)
    return True


def _answers(work: Work) -> dict[int, Answer]:
    """What was answered so far, by row."""
    if work.whole:
        return work.answers
    of = db.session.get_one(SupplierList, work.id)
    return {
        row: answer
        for part in queries.contents(of, "answers", work.vault)
        for row, answer in part
    }


def _asks(work: Work, answers: dict[int, Answer], at: datetime, *, tell: bool) -> bool:
    """Whether the company has to say whom it means before the list is done."""
    of = queries.locked(work.id, S.CHECKING)
    if of is None or of.confirmed:
        db.session.rollback()
        return of is None
    marks = {one["mark"] for one in answers.values() if one["status"] == TO_CONFIRM}
    if not marks:
        operations.nothing_to_ask(of, at=at)
        db.session.commit()
        return False
    operations.ask_names(of, len(marks), by=the_registry(), at=at)
    if tell:
        _tell(of, at)
    db.session.commit()
    return True


def _give_back(work: Work, answers: dict[int, Answer], at: datetime) -> None:
    """Fix the answers under a receipt, then write them into the company's file."""
    with only_reading():
        of = db.session.get_one(SupplierList, work.id)
        content = queries.content(of, "file", work.vault) or b""
        kept = queries.contents(of, "receipt", work.vault)
        said = {} if kept else settled(answers, work.terms, work.vault)
    answers = {**answers, **said}
    cells = {row: work.texts.cells(answer) for row, answer in answers.items()}
    if kept:
        number = str(kept[0]["number"])
    else:
        number = _fix(
            work, answers, cells, Storage.digest(content), at, anew=bool(said)
        )
    told = Answers(
        work.sheet,
        work.terms.layout.header_row,
        [*work.texts.header, work.texts.receipt],
        {row: [*texts, number] for row, texts in cells.items()},
    )
    file = reading.answered(content, told, services().settings.list_rows)
    if of_now := queries.locked(work.id, S.CHECKING):
        operations.finish(of_now, file, by=the_registry(), at=at, vault=work.vault)


def _fix(
    work: Work,
    answers: dict[int, Answer],
    cells: dict[int, list[str]],
    sha256: str,
    at: datetime,
    *,
    anew: bool,
) -> str:
    """Keep the answers for good, with the receipt that proves them; commits."""
    of = queries.locked(work.id, S.CHECKING)
    if of is None:
        return ""
    counted = outcome.counts(answers.values(), work.terms.on)
    made = receipts.for_list(
        outcome.proved(cells, work.texts.header),
        outcome.rows_counted(counted),
        file_sha256=sha256,
        scheme=work.terms.scheme,
        on=work.terms.on,
        known_at=at,
        at=at,
        signer=services().signer,
        company=of.company,
    )
    proof = {"number": made.number, "payload": made.payload, "jwt": made.jwt}
    changed = sorted(answers.items()) if anew else None
    operations.settle(of, changed, counted, proof, at=at, vault=work.vault)
    db.session.commit()
    return made.number


def _tell(of: SupplierList, at: datetime) -> None:
    """A letter with the state of the list: never a word of what it says."""
    post("suppliers/list", to=speakers(of.company), about=of.reference, at=at, id=of.id,
         state=of.state.value, names=of.doubtful, rows=of.total)  # fmt: skip

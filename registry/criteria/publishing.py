"""From draft to published: checks, the line in the lock, what can never change."""

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.criteria.broken import BrokenEdition, Mistake
from registry.criteria.cases import read_cases
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Verdict, evaluate
from registry.criteria.facts import Action, Basis, Case, Fact, Waiver
from registry.criteria.lock import errata_line, lock_line, read_lock
from registry.criteria.reader import Editions, read, read_all
from registry.criteria.tables import ContractTable, read_contracts
from registry.criteria.values import from_json
from registry.errors import N_, Conflict, Invalid, NotFound

# The register's choice: two months between the letter to holders and the first day
# (the OpenSSF badge keeps two months too: lifecycles.md, section 7).
NOTICE_DAYS = 60
LOCK = "criteria.lock"


class NotPublishable(Invalid):
    """The draft cannot be published; the message says what to do."""


class AlreadyPublished(Conflict):
    """The edition is in the lock: its rules can never change."""


def check(root: Path) -> list[Mistake]:
    """Everything wrong under `root`: files, lock, drafts, worked examples."""
    try:
        editions = read_all(root)
    except BrokenEdition as broken:
        return broken.mistakes
    found = list(editions.left_out)
    for edition in (*editions.values(), *editions.drafts.values()):
        found += _wrong_cases(root, edition)
    return found


def _wrong_cases(root: Path, edition: Edition) -> list[Mistake]:
    folder = root / edition.key
    try:
        worked = read_cases(edition, folder)
    except BrokenEdition as broken:
        return broken.mistakes
    path = folder / "cases.yaml"
    results = [evaluate(edition, one.case, one.on) for one in worked]
    found = [
        Mistake(path, one.line, f"esempio che non torna: {line}")
        for one, result in zip(worked, results, strict=True)
        for line in one.disagreements(result)
    ]
    return found + [
        Mistake(path, 1, f"nessun esempio in cui {one.id} {said}: aggiungerlo")
        for one in edition.requirements
        for said, verdict in (
            ("è soddisfatto", Verdict.MET),
            ("non è soddisfatto", Verdict.NOT_MET),
        )
        if all(result.requirement(one.id).verdict is not verdict for result in results)
    ]


def publish(
    root: Path, key: str, on: dt.date, what_if: Mapping[str, Any] | None = None
) -> str:
    """Write the edition in the lock, and give back its line.

    Needs the notice period before it comes into force and the figures of its what-if
    (`WhatIf.to_json`); a scheme's first edition needs neither. Raises NotPublishable,
    AlreadyPublished, BrokenEdition.
    """
    editions = read_all(root)
    if key in editions:
        raise AlreadyPublished(N_("%(key)s is already published."), key=key)
    edition = editions.drafts.get(key)
    if edition is None:
        wrong = [one for one in editions.left_out if key in str(one.path)]
        if wrong:
            raise BrokenEdition(wrong)
        raise NotPublishable(N_("There is no draft %(key)s."), key=key)
    if wrong := _wrong_cases(root, edition):
        raise BrokenEdition(wrong)
    if any(one.scheme == edition.scheme for one in editions.values()):
        _allowed(edition, editions, on, what_if)
    line = lock_line(edition, on)
    _append(root / LOCK, line)
    return line


def _allowed(
    edition: Edition,
    editions: Editions,
    on: dt.date,
    what_if: Mapping[str, Any] | None,
) -> None:
    if edition.replaces is None:
        raise NotPublishable(
            N_("%(key)s does not say which edition it replaces."), key=edition.key
        )
    if f"{edition.scheme}/{edition.replaces.edition}" not in editions:
        raise NotPublishable(
            N_("%(key)s replaces an edition that is not published."), key=edition.key
        )
    first = on + dt.timedelta(days=NOTICE_DAYS)
    if edition.in_force_from < first:
        raise NotPublishable(
            N_(
                "Notice is %(days)s days: published today, %(key)s may come into "
                "force from %(first)s."
            ),
            days=NOTICE_DAYS,
            key=edition.key,
            first=first,
        )
    if what_if is None:
        raise NotPublishable(N_("Attach the what-if of %(key)s."), key=edition.key)
    if (what_if.get("new"), what_if.get("new_digest")) != (edition.key, edition.digest):
        raise NotPublishable(
            N_("The what-if attached is of another text: run it again on %(key)s."),
            key=edition.key,
        )


def correct(root: Path, key: str, on: dt.date, reason: str) -> str:
    """Accept changed helps or translations of a published edition; gives its line.

    Rules and official texts cannot be corrected: raises NotPublishable.
    """
    lock = read_lock(root / LOCK)
    if key not in lock.rules:
        raise NotPublishable(N_("%(key)s is not published."), key=key)
    edition = read(root / key, published=True)
    if edition.digest != lock.rules[key]:
        raise NotPublishable(
            N_("Rules or official texts of %(key)s changed: write a new edition."),
            key=key,
        )
    if edition.text_digest == lock.texts[key]:
        raise NotPublishable(N_("Nothing changed in %(key)s."), key=key)
    if not reason.strip():
        raise NotPublishable(N_("Say why the texts of %(key)s change."), key=key)
    line = errata_line(edition, on, reason)
    _append(root / LOCK, line)
    return line


def _append(path: Path, line: str) -> None:
    """One more line, all or nothing."""
    text = path.read_text("utf-8") if path.exists() else ""
    if text and not text.endswith("\n"):
        text += "\n"
    beside = path.with_suffix(".new")
    beside.write_text(f"{text}{line}\n", "utf-8")
    os.replace(beside, path)


# --- a decided case, again ------------------------------------------------------------


class OtherEdition(Conflict):
    """The grounds rest on other rules than those given."""


class NotHere(NotFound):
    """What a decision rested on is no longer at hand."""


def replay(grounds: Mapping[str, Any], edition: Edition) -> bytes:
    """The grounds of a decision with their result worked out again, as canonical JSON.

    Equal to the canonical JSON of the frozen grounds, byte for byte, or something was
    changed. `edition` must hold the tables of that time (`tables_then`). Raises
    OtherEdition.
    """
    if grounds["edition_digest"] != edition.digest:
        raise OtherEdition(
            N_("These grounds rest on %(key)s with other rules."),
            key=grounds["edition"],
        )
    result = evaluate(
        edition,
        case_of_grounds(grounds, edition),
        dt.date.fromisoformat(grounds["reference_day"]),
        Basis.VERIFIED,
    )
    return canonical({**grounds, "result": result.to_json()})


def tables_then(grounds: Mapping[str, Any], root: Path) -> dict[str, ContractTable]:
    """The dated tables a decision looked into, as they were. Raises NotHere."""
    found = {}
    for name, one in grounds["result"]["tables"].items():
        dated = dt.date.fromisoformat(one["dated"])
        try:
            found[name] = read_contracts(root / "tables", dated, one["sha256"])
        except FileNotFoundError:
            raise NotHere(
                N_("The table %(name)s of %(dated)s is not here as it was then."),
                name=name,
                dated=dated,
            ) from None
    return found


def case_of_grounds(grounds: Mapping[str, Any], edition: Edition) -> Case:
    """What was known when the decision was taken, as the evaluation wants it."""
    declared, verified = grounds["content"]["answers"], grounds["verified"]
    facts = {
        name: Fact(
            declared=from_json(answer, declared.get(name)),
            verified=from_json(answer, verified.get(name)),
            expires=_expiry(grounds, answer.evidence),
            rejected=_rejected(grounds, answer.evidence),
        )
        for name, answer in edition.answers.items()
    }
    actions = {
        id_: Action(
            dt.date.fromisoformat(one["due"]), dt.date.fromisoformat(one["agreed_on"])
        )
        for id_, one in grounds.get("actions", {}).items()
    }
    waivers = {
        id_: Waiver(one["reason"], one["accepted"])
        for id_, one in grounds.get("waivers", {}).items()
    }
    return Case(facts, _reserves_used(grounds), waivers, actions)


def _pieces(grounds: Mapping[str, Any], kinds: tuple[str, ...]) -> list[Any]:
    return [piece for piece in grounds["evidence"] if piece["kind"] in kinds]


def _rejected(grounds: Mapping[str, Any], kinds: tuple[str, ...]) -> bool:
    pieces = _pieces(grounds, kinds)
    return bool(pieces) and not any(piece["accepted"] for piece in pieces)


def _expiry(grounds: Mapping[str, Any], kinds: tuple[str, ...]) -> dt.date | None:
    days = [
        piece["expires_on"] for piece in _pieces(grounds, kinds) if piece["accepted"]
    ]
    dated = [dt.date.fromisoformat(day) for day in days if day is not None]
    return max(dated) if dated and len(dated) == len(days) else None


def _reserves_used(grounds: Mapping[str, Any]) -> frozenset[str]:
    # Older grounds do not list them: where a reserve was refused because spent, the
    # trace says so, and nowhere else does it matter.
    listed = grounds.get("reserves_used")
    if listed is not None:
        return frozenset(listed)
    return frozenset(
        one["id"] for one in grounds["result"]["requirements"] if one["reserve_spent"]
    )


def canonical(grounds: Mapping[str, Any]) -> bytes:
    """Canonical JSON, as decisions are frozen: sorted keys, no blanks, UTF-8."""
    text = json.dumps(
        grounds, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()

"""A draft is published once, with notice and its what-if; then nothing changes."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from registry.criteria.broken import BrokenEdition
from registry.criteria.commands import criteria_cli
from registry.criteria.evaluation import evaluate
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.lock import read_lock, rewritten
from registry.criteria.publishing import (
    AlreadyPublished,
    NotPublishable,
    OtherEdition,
    canonical,
    check,
    correct,
    publish,
    replay,
)
from registry.criteria.reader import read_all
from registry.criteria.values import to_json
from registry.criteria.what_if import what_if
from registry.paths import CRITERIA
from tests.criteria.examples import conforming_answers, reserved_answers

ON = dt.date(2027, 5, 2)  # sixty days before the draft comes into force
READ = read_all(CRITERIA)
OLD, NEW = READ["impact/2022"], READ.drafts["impact/2026"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(CRITERIA, tmp_path / "criteria")
    return tmp_path / "criteria"


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return what_if(OLD, NEW, [], ON).to_json()


def test_the_criteria_in_the_house_have_no_mistakes() -> None:
    assert check(CRITERIA) == []


def test_a_draft_is_published_with_notice_and_its_what_if(
    root: Path, figures: dict[str, Any]
) -> None:
    before = (root / "criteria.lock").read_text("utf-8")
    line = publish(root, "impact/2026", ON, figures)
    assert line.startswith("edition impact/2026 2027-05-02 rules:")
    assert (root / "criteria.lock").read_text("utf-8") == f"{before}{line}\n"
    editions = read_all(root)
    (first, _) = editions.all_open_on(NEW.in_force_from, "impact", {NEW.key})
    assert first.key == NEW.key
    with pytest.raises(AlreadyPublished):
        publish(root, "impact/2026", ON, figures)
    path = root / "impact/2026/edition.yaml"
    path.write_text(path.read_text("utf-8").replace("points: 12", "points: 13"))
    with pytest.raises(BrokenEdition, match="dopo la pubblicazione"):
        read_all(root)


@pytest.mark.parametrize(
    ("on", "attached", "words"),
    [
        (ON + dt.timedelta(days=1), True, "Notice is"),
        (ON, False, "Attach the what-if"),
    ],
)
def test_too_late_or_without_its_what_if_a_draft_is_refused(
    root: Path, figures: dict[str, Any], on: dt.date, attached: bool, words: str
) -> None:
    with pytest.raises(NotPublishable, match=words):
        publish(root, "impact/2026", on, figures if attached else None)
    assert set(read_all(root)) == {"impact/2022"}


def test_a_what_if_of_another_text_is_refused(
    root: Path, figures: dict[str, Any]
) -> None:
    with pytest.raises(NotPublishable, match="run it again"):
        publish(root, "impact/2026", ON, {**figures, "new_digest": "0" * 64})


def test_the_first_edition_of_a_scheme_needs_no_notice(root: Path) -> None:
    publish(root, "impresa-solidale/2026", dt.date(2026, 12, 31))
    assert "impresa-solidale/2026" in read_all(root)


def test_an_edition_whose_examples_disagree_is_not_published(root: Path) -> None:
    path = root / "impresa-solidale/2026/cases.yaml"
    path.write_text(path.read_text("utf-8").replace("points: 100", "points: 99"))
    with pytest.raises(BrokenEdition, match="Il massimo dei punti: points 100"):
        publish(root, "impresa-solidale/2026", ON)
    assert len(check(root)) == 1


def test_only_texts_are_corrected_and_with_a_reason(root: Path) -> None:
    path = root / "impact/2022/edition.yaml"
    text = path.read_text("utf-8")
    with pytest.raises(NotPublishable, match="Nothing changed"):
        correct(root, "impact/2022", ON, "refuso")
    path.write_text(text.replace("Non più vecchia di sei mesi.", "Di sei mesi al più."))
    with pytest.raises(NotPublishable, match="Say why"):
        correct(root, "impact/2022", ON, "  ")
    line = correct(root, "impact/2022", ON, "aiuto più chiaro")
    assert line.endswith("aiuto più chiaro")
    assert "impact/2022" in read_all(root)
    path.write_text(text.replace("within_months: 24}", "within_months: 25}"))
    with pytest.raises(NotPublishable, match="write a new edition"):
        correct(root, "impact/2022", ON, "refuso")


def test_lines_of_the_lock_are_only_added(root: Path) -> None:
    lock = root / "criteria.lock"
    before = lock.read_text("utf-8")
    publish(root, "impresa-solidale/2026", ON)
    assert rewritten(before, lock) == []
    lock.write_text(lock.read_text("utf-8").replace("2026-11-25", "2026-11-24"))
    (gone,) = rewritten(before, lock)
    assert "le righe si aggiungono" in gone.text
    assert read_lock(lock).published["impact/2022"] == dt.date(2026, 11, 24)


# --- replay ---------------------------------------------------------------------------


def _grounds(answers: dict[str, Any], used: frozenset[str]) -> dict[str, Any]:
    """Grounds as decisions freeze them."""
    on = dt.date(2026, 11, 25)
    plain = {name: to_json(OLD.answers[name], one) for name, one in answers.items()}
    facts = {
        name: Fact(one, one, dt.date(2027, 1, 31) if name == "proceedings" else None)
        for name, one in answers.items()
    }
    for name in ("register_extract_on", "albo_registered", "cooperative_kind"):
        facts[name] = Fact(answers[name], answers[name], dt.date(2027, 1, 31))
    result = evaluate(OLD, Case(facts, used), on, Basis.VERIFIED)
    return {
        "format": 1,
        "protocol": "2026-000001",
        "edition": OLD.key,
        "edition_digest": OLD.digest,
        "content": {"answers": plain},
        "verified": plain,
        "reference_day": on.isoformat(),
        "evidence": [
            {
                "kind": "register_extract",
                "sha256": "0" * 64,
                "expires_on": "2027-01-31",
                "accepted": True,
                "reason": "",
            }
        ],
        "result": result.to_json(),
    }


@pytest.mark.parametrize("used", [frozenset(), frozenset({"revision"})])
def test_a_decided_case_is_recomputed_to_the_same_bytes(used: frozenset[str]) -> None:
    on = dt.date(2026, 11, 25)
    for answers in (conforming_answers(on=on), reserved_answers(on=on)):
        frozen = canonical(_grounds(answers, used))
        assert replay(json.loads(frozen), OLD) == frozen


def test_changed_grounds_do_not_come_out_the_same() -> None:
    frozen = canonical(
        _grounds(conforming_answers(on=dt.date(2026, 11, 25)), frozenset())
    )
    changed = json.loads(frozen)
    changed["verified"]["workers_total"] = 99
    assert replay(changed, OLD) != canonical(changed)
    with pytest.raises(OtherEdition):
        replay(changed, NEW)


# --- the commands ---------------------------------------------------------------------


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(criteria_cli, list(arguments))


def test_the_commands_speak_to_a_policy_officer(root: Path, tmp_path: Path) -> None:
    assert _run("check", "--root", str(root)).output == "Nessun errore.\n"
    assert "Regola: " in _run("read", "impact/2026").output
    told = _run("diff", "impact/2022", "impact/2026").output
    assert "più severo" in told
    assert "esiste" in _run("read", "impact/2099").output
    answers = conforming_answers(on=dt.date(2026, 11, 25))
    line = {
        "key": "uno",
        "answers": {k: to_json(OLD.answers[k], v) for k, v in answers.items()},
    }
    export, out = tmp_path / "export.jsonl", tmp_path / "what-if.json"
    export.write_text(json.dumps(line), "utf-8")
    tried = _run(
        "what-if", "impact/2022", "impact/2026", str(export),
        "--out", str(out), "--on", "2026-11-25",
    )  # fmt: skip
    assert "lo perderebbero: 1" in tried.output
    done = _run(
        "publish", "impact/2026", "--what-if", str(out), "--on", "2027-05-02",
        "--root", str(root),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    again = _run("publish", "impact/2026", "--on", "2027-05-02", "--root", str(root))
    assert again.exit_code == 1


def test_check_tells_the_mistakes_and_fails(root: Path) -> None:
    path = root / "impact/2026/edition.yaml"
    path.write_text(path.read_text("utf-8").replace("at_least: 4}", "at_last: 4}", 1))
    found = _run("check", "--root", str(root))
    assert found.exit_code == 1
    assert "edition.yaml, riga" in found.output

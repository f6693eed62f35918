"""Every worked example of every edition says what the edition says."""

import pytest

from registry.criteria.cases import WorkedCase, read_cases
from registry.criteria.edition import Edition
from registry.criteria.evaluation import Status, evaluate
from registry.criteria.explanation import reasons
from registry.criteria.reader import read_all
from registry.paths import CRITERIA

READ = read_all(CRITERIA)
EDITIONS = [*READ.values(), *READ.drafts.values()]
WORKED = [
    pytest.param(edition, worked, id=f"{edition.key}: {worked.name}")
    for edition in EDITIONS
    for worked in read_cases(edition, CRITERIA / edition.key)
]


def test_no_edition_is_left_out() -> None:
    assert READ.left_out == ()
    assert {one.key for one in EDITIONS} >= {
        "impact/2022",
        "impact/2026",
        "impresa-solidale/2026",
    }


@pytest.mark.parametrize(("edition", "worked"), WORKED)
def test_worked_example(edition: Edition, worked: WorkedCase) -> None:
    result = evaluate(edition, worked.case, worked.on)
    assert worked.disagreements(result) == [], reasons(edition, result, "it")
    for language in ("it", "en"):
        for sentences in reasons(edition, result, language).values():
            assert sentences
            assert all(one.endswith(".") and "None" not in one for one in sentences)


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.key)
def test_each_requirement_has_an_example_met_and_one_not_met(edition: Edition) -> None:
    seen = set()
    for worked in read_cases(edition, CRITERIA / edition.key):
        seen |= set(worked.verdicts.items()) | set(worked.statuses.items())
    for requirement in edition.requirements:
        assert (requirement.id, Status.MET) in seen
        assert (requirement.id, Status.NOT_MET) in seen

"""Every worked example of impact/2022 says what the edition says."""

import pytest

from registry.criteria.cases import WorkedCase, read_cases
from registry.criteria.evaluation import Verdict, evaluate
from registry.criteria.explanation import reasons
from registry.criteria.reader import read_all
from registry.paths import CRITERIA

EDITION = read_all(CRITERIA)["impact/2022"]
CASES = read_cases(EDITION, CRITERIA / "impact" / "2022")


@pytest.mark.parametrize("worked", CASES, ids=lambda worked: worked.name)
def test_worked_example(worked: WorkedCase) -> None:
    result = evaluate(EDITION, worked.case, worked.on)
    found = {name: result.requirement(name).verdict for name in worked.verdicts}
    told = reasons(EDITION, result, "it")
    assert found == worked.verdicts, told
    if worked.outcome is not None:
        assert result.outcome is worked.outcome
    if worked.reserve_until is not None:
        assert worked.reserve_until in {
            one.reserve_until for one in result.requirements
        }


def test_each_requirement_has_an_example_met_and_one_not_met() -> None:
    seen = {pair for worked in CASES for pair in worked.verdicts.items()}
    for requirement in EDITION.requirements:
        assert (requirement.id, Verdict.MET) in seen
        assert (requirement.id, Verdict.NOT_MET) in seen


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_verdict_is_explained(language: str) -> None:
    for worked in CASES:
        result = evaluate(EDITION, worked.case, worked.on)
        for sentences in reasons(EDITION, result, language).values():
            assert sentences
            assert all(one.endswith(".") and "None" not in one for one in sentences)

"""Stricter, looser or different is proved, and told with a case."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from registry.criteria.boundaries import Grid, TooMany
from registry.criteria.conditions import Rule
from registry.criteria.difference import Relation, difference
from registry.criteria.difference_told import PARAMETERS, tell
from registry.criteria.doubts import doubts, numbers_said
from registry.criteria.edition import Edition
from registry.criteria.facts import Basis, Case
from registry.criteria.judging import judge
from registry.criteria.reader import read_all
from registry.criteria.view import view
from registry.paths import CRITERIA
from tests.criteria import strategies as some

READ = read_all(CRITERIA)
OLD, NEW = READ["impact/2022"], READ.drafts["impact/2026"]
few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _with(edition: Edition, index: int, **update: Any) -> Edition:
    changed = list(edition.requirements)
    changed[index] = changed[index].model_copy(update=update)
    return edition.model_copy(update={"requirements": tuple(changed)})


def test_the_draft_of_2026_is_stricter_where_its_changes_say() -> None:
    found = {one.id: one for one in difference(OLD, NEW).requirements}
    stricter = {id_ for id_, one in found.items() if one.relation is Relation.STRICTER}
    assert stricter == {"assembly", "quality", "training"}
    equal = {id_ for id_, one in found.items() if one.relation is Relation.EQUAL}
    assert equal == {"eligibility", "revision", "contract"}
    assert found["gender_equality"].relation is Relation.NEW
    (example,) = found["assembly"].examples
    assert (example.before, example.after) == (True, False)
    assert ("severity", "major", "minor") in found["assembly"].terms
    back = {one.id: one.relation for one in difference(NEW, OLD).requirements}
    assert back["quality"] is Relation.LOOSER
    assert back["gender_equality"] is Relation.REMOVED


def test_the_difference_is_told_with_an_example() -> None:
    told = "\n".join(tell(difference(OLD, NEW), "it"))
    assert "Percorso di certificazione di qualità: più severo." in told
    assert "Esempio, prima sì e ora no:" in told
    assert "almeno un corso: 1; Lavoratori in media nell’anno: 10." in told
    assert "Durata del certificato: prima 36 mesi, ora 24 mesi." in told
    assert "Gravità: prima maggiore, ora minore." in told
    english = "\n".join(tell(difference(OLD, NEW), "en"))
    assert "Quality certification path: stricter." in english
    assert "36 months before, 24 months now" in english


def test_nothing_changes_from_an_edition_to_itself() -> None:
    found = difference(OLD, OLD)
    assert {one.relation for one in found.requirements} == {Relation.EQUAL}
    assert not any(one.terms or one.examples for one in found.requirements)
    assert found.parameters == ()


@few
@given(some.editions(), some.rules, some.values(), some.days)
def test_what_is_said_to_be_stricter_is_never_refuted(
    edition: Edition, rule: dict[str, Any], found: dict[str, Any], on: Any
) -> None:
    other = Edition.model_validate(
        {
            **edition.model_dump(by_alias=True),
            "requirements": (
                {
                    **edition.requirements[0].model_dump(by_alias=True),
                    "rule": rule,
                    "steps": (),
                    "applies_if": None,
                },
                *edition.model_dump(by_alias=True)["requirements"][1:],
            ),
        }
    )
    edition = _with(edition, 0, steps=(), applies_if=None)
    change = difference(edition, other, on).requirements[0]
    seen = view(edition, Case.declared(found), on, Basis.DECLARED)
    before = judge(edition.requirements[0].rule, seen, on).truth
    after = judge(other.requirements[0].rule, seen, on).truth
    if change.relation in (Relation.EQUAL, Relation.STRICTER) and after is True:
        assert before is not False
    if change.relation in (Relation.EQUAL, Relation.LOOSER) and before is True:
        assert after is not False
    assert tell(difference(edition, other, on), "it")
    for example in change.examples:
        assert example.before is not example.after


@few
@given(some.editions(), some.values(all_of_them=True))
def test_the_cases_at_the_limits_stand_for_every_case(
    edition: Edition, found: dict[str, Any]
) -> None:
    rule: Rule = edition.requirements[0].rule
    try:
        grid = Grid(edition, [rule], some.ON)
    except TooMany:
        assume(False)
    seen = view(edition, Case.declared(found), some.ON, Basis.DECLARED)
    truth = judge(rule, seen, some.ON).truth
    true = grid.true(rule)
    if truth is True:
        assert true
    if truth is False:
        assert true != grid.all


def _rule(**rule: Any) -> Edition:
    edition = Edition.model_validate(
        {
            **OLD.model_dump(by_alias=True),
            "requirements": (
                {**OLD.requirements[5].model_dump(by_alias=True), "rule": rule},
            ),
        }
    )
    return _with(edition, 0, reserve=None)


TRAINED = "distinct_trained"


def test_a_difference_only_just_below_a_limit_is_found() -> None:
    # 9 workers and 4 trained: enough heads for the first rule, too few of a hundred
    # for the second. With 1 or with 10 workers the two rules agree.
    many = {"answer": "average_workers", "at_least": 10}
    share = {"answer": TRAINED, "out_of": "average_workers", "percent_at_least": 50}
    heads = _rule(any_of=(many, {"answer": TRAINED, "at_least": 4}))
    (change,) = difference(heads, _rule(any_of=(many, share))).requirements
    assert change.relation is Relation.DIFFERENT
    lost, _ = change.examples
    assert lost.values == {TRAINED: 4, "average_workers": 9}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"answer": TRAINED, "at_least": 0}, "sempre vera"),
        ({"answer": TRAINED, "at_most": 100_000}, "sempre vera"),
        (
            {
                "all_of": (
                    {"answer": TRAINED, "at_least": 10},
                    {"answer": TRAINED, "at_most": 4},
                )
            },
            "nessuna risposta può soddisfare",
        ),
        (
            {
                "any_of": (
                    {"answer": "constituted_on", "within_months": 24},
                    {"answer": "constituted_on", "within_months": 12},
                )
            },
            "condizione inutile",
        ),
        (
            {
                "all_of": (
                    {"answer": "proceedings", "is": "none"},
                    {"answer": "proceedings", "one_of": ("none", "liquidation")},
                )
            },
            "condizione inutile",
        ),
        (
            {
                "answer": "proceedings",
                "one_of": tuple(OLD.answers["proceedings"].options),
            },
            "sempre vera",
        ),
        ({"answer": TRAINED, "at_least": 37}, "il numero 37"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_doubted(
    rule: dict[str, Any], words: str
) -> None:
    texts = [
        text
        for place, text in doubts(_rule(**rule))
        if place[:2] == ("requirements", 0)
    ]
    assert any(words in text for text in texts), texts


def test_a_step_must_be_easier_than_those_above_it() -> None:
    award = READ.drafts["impresa-solidale/2026"]
    assert doubts(award) == []
    index = [one.id for one in award.requirements].index("placements")
    one, two = award.requirements[index].steps
    swapped = (
        one.model_copy(update={"rule": two.rule}),
        two.model_copy(update={"rule": one.rule}),
    )
    ((place, text),) = doubts(_with(award, index, steps=swapped))
    assert place == ("requirements", index, "steps", 0)
    assert "gradino da 5 punti" in text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("almeno 2 corsi l’anno, da almeno metà degli addetti", {2, 50}),
        ("25.000 euro o dodici mesi", {25000, 12}),
        ("due anni e ventotto giorni", {2, 24, 28}),
        ("un’assemblea; trentuno", {1, 31}),
    ],
)
def test_numbers_are_read_in_digits_and_in_words(text: str, numbers: set[int]) -> None:
    assert numbers <= numbers_said(text)


@few
@given(st.integers(0, 99))
def test_every_number_word_is_known(number: int) -> None:
    from registry.criteria.doubts import _WORDS

    assert number in _WORDS.values()


def test_every_parameter_has_a_word() -> None:
    assert set(PARAMETERS) == set(type(OLD.parameters).model_fields)
    told = "\n".join(tell(difference(OLD, NEW), "it"))
    assert "Termine di un’azione correttiva: prima nessuno, ora 90 giorni." in told
    assert not any(name in told for name in PARAMETERS)

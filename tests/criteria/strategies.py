"""Random small editions, cases and days for the properties of the evaluation."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st
from pydantic import TypeAdapter

from registry.criteria.calendar import add_months
from registry.criteria.conditions import Rule
from registry.criteria.edition import Edition, Parameters, Text
from registry.criteria.facts import Action, Basis, Case, Fact, Waiver

ON = dt.date(2028, 2, 29)
T = {"it": "Testo", "en": "Text"}
OPTIONS = {"uno": T, "due": T, "tre": T}
EDGES = (0, 1, 2, 6, 12, 24)

ANSWERS: dict[str, Any] = {
    "b1": {"type": "yes_no"},
    "c1": {"type": "choice", "options": OPTIONS},
    "m1": {"type": "choices", "options": OPTIONS},
    "i1": {"type": "integer", "max": 40},
    "w1": {"type": "integer", "min": 1, "max": 12},
    "d1": {"type": "date"},
    "d2": {"type": "date", "asked_if": {"answer": "b1", "is": True}},
    "r1": {
        "type": "rows",
        "named_by": "day",
        "columns": {
            "day": {"type": "date"},
            "day2": {"type": "date"},
            "yes": {"type": "yes_no"},
            "nn": {"type": "integer", "max": 9},
        },
        "derived": {
            "margin": {
                "days_between": {"from": "day", "to": "day2", "less": "i1"},
            },
            "same": {
                "same_day_as": {
                    "column": "day",
                    "where": {"answer": "yes", "is": True},
                }
            },
            "inside": {"in_period": {"column": "day", "ending": "d1", "months": 12}},
        },
    },
}
for _answer in ANSWERS.values():
    _answer |= {"section": "one", "label": T}
for _column in ANSWERS["r1"]["columns"].values():
    _column["label"] = T
for _column in ANSWERS["r1"]["derived"].values():
    _column["label"] = T

days = st.one_of(
    st.integers(-1200, 200).map(lambda n: ON + dt.timedelta(days=n)),
    st.builds(
        lambda months, n: add_months(ON, -months) + dt.timedelta(days=n),
        st.sampled_from(EDGES),
        st.integers(-3, 3),
    ),
)
rows = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "day": days,
            "day2": days,
            "yes": st.booleans(),
            "nn": st.integers(0, 9),
        },
    ),
    max_size=4,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "b1": st.booleans(),
    "c1": st.sampled_from(list(OPTIONS)),
    "m1": st.sets(st.sampled_from(list(OPTIONS))).map(
        lambda chosen: tuple(one for one in OPTIONS if one in chosen)
    ),
    "i1": st.integers(0, 40),
    "w1": st.integers(1, 12),
    "d1": days,
    "d2": days,
    "r1": rows,
}
anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(), days,
    st.lists(st.integers(), max_size=2), st.just(("uno",)), rows,
)  # fmt: skip


def _number(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.integers(-3, 9).map(lambda n: {"answer": name, "at_least": n}),
        st.integers(-3, 9).map(lambda n: {"answer": name, "at_most": n}),
    )


def _date(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.sampled_from(EDGES[1:]).map(lambda n: {"answer": name, "within_months": n}),
        st.just({"answer": name, "not_expired": True}),
    )


def _truth(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.booleans().map(lambda value: {"answer": name, "is": value})


row_rules = st.one_of(
    _truth("yes"), _truth("same"), _truth("inside"), _number("margin"), _number("nn"),
    _date("day"),
)  # fmt: skip
plain_rules = st.one_of(
    _truth("b1"),
    st.sampled_from(list(OPTIONS)).map(lambda one: {"answer": "c1", "is": one}),
    st.just({"answer": "c1", "one_of": ("uno", "due")}),
    st.just({"answer": "m1", "one_of": ("uno", "due")}),
    st.just({"answer": "m1", "includes": ("uno", "tre")}),
    _number("i1"),
    _number("x_count"),
    _number("x_sum"),
    _number("x_days"),
    _date("d1"),
    _date("d2"),
    _date("x_last"),
    st.integers(1, 100).map(
        lambda p: {"answer": "i1", "out_of": "w1", "percent_at_least": p}
    ),
    st.integers(1, 100).map(lambda p: {"answer": "x_share", "percent_at_least": p}),
)


def _groups(
    parts: st.SearchStrategy[dict[str, Any]],
) -> st.SearchStrategy[dict[str, Any]]:
    many = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        many.map(lambda found: {"all_of": found}),
        many.map(lambda found: {"any_of": found}),
        st.tuples(many, st.integers(1, 3)).map(
            lambda pair: {"some_of": pair[0], "how_many": min(pair[1], len(pair[0]))}
        ),
    )


rules = st.recursive(plain_rules, _groups, max_leaves=5)
wheres = st.recursive(row_rules, _groups, max_leaves=3)
PARAMETERS = {
    name: (-7, 0) if name == "reminder_days" else 1 for name in Parameters.model_fields
}


@st.composite
def requirements(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """A requirement, perhaps with points, steps, a reserve, a wait, a condition."""
    one: dict[str, Any] = {
        "id": f"r{number}x",
        "number": number,
        "section": draw(st.sampled_from(["one", "two"])),
        "severity": draw(st.sampled_from(["major", "minor"])),
        "title": T,
        "text": T,
        "why": T,
        "source": T,
        "rule": draw(rules),
    }
    if draw(st.booleans()):
        end = draw(st.sampled_from(["d1", "d2", "x_last"]))
        until = ({"answer": end, "plus_months": draw(st.sampled_from(EDGES))},)
        one["reserve"] = {"rule": draw(rules), "until": until, "text": T}
    if draw(st.booleans()):
        one["awaits"] = {"rule": draw(rules), "text": T}
    if draw(st.booleans()):
        marks = sorted(draw(st.sets(st.integers(1, 20), min_size=1, max_size=3)))
        one["points"] = marks.pop()
        one["mandatory"] = draw(st.booleans())
        one["steps"] = tuple({"points": n, "rule": draw(rules)} for n in marks)
    if draw(st.booleans()):
        one["applies_if"] = draw(rules)
    if draw(st.booleans()):
        one["not_applicable"] = "with_reason"
    return one


def _always(number: int, section: str) -> dict[str, Any]:
    """A requirement with points that always applies: no total is ever nothing."""
    return {
        "id": f"s{number}x",
        "number": number,
        "section": section,
        "severity": "minor",
        "title": T,
        "text": T,
        "why": T,
        "source": T,
        "mandatory": False,
        "points": 3,
        "rule": {"answer": "i1", "at_least": 3},
    }


@st.composite
def levels(draw: st.DrawFn, ids: list[str], number: int) -> dict[str, Any]:
    """A level that asks for requirements, for a share of the points, or for nothing."""
    made: dict[str, Any] = {"id": f"l{number}x", "title": T}
    if draw(st.booleans()):
        made["requires"] = (draw(st.sampled_from(ids)),)
    if draw(st.booleans()):
        made["percent_at_least"] = draw(st.sampled_from([1, 10, 25, 50, 75, 100]))
    if draw(st.booleans()):
        made["percent_in"] = {"two": draw(st.integers(1, 100))}
    return made


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """An edition of one to three random requirements, and two that give points."""
    made = [draw(requirements(number)) for number in range(draw(st.integers(1, 3)))]
    made += [_always(8, "one"), _always(9, "two")]
    ids = [one["id"] for one in made]
    if draw(st.integers(0, 3)) == 0:
        first = made[0]
        for word in ("steps", "reserve", "not_applicable", "points", "mandatory"):
            first.pop(word, None)
        first |= {"knock_out": True, "severity": "major"}
    derived = {
        "x_count": {"count": True},
        "x_sum": {"sum": "nn"},
        "x_days": {"count": True, "distinct": "day"},
        "x_share": {"share": "nn"},
        "x_last": {"latest": "day"},
    }
    for one in derived.values():
        one.update({"rows": "r1", "label": T, "where": draw(wheres)})
    return Edition.model_validate(
        {
            "format": 1,
            "scheme": "prova",
            "edition": "2028",
            "title": T,
            "official_title": T,
            "summary": T,
            "source": T,
            "in_force_from": ON,
            "parameters": {
                **PARAMETERS,
                "corrective_days": draw(st.sampled_from([None, 90])),
                "max_reserves": draw(st.integers(0, 2)),
            },
            "parameter_notes": {name: {"ours": True, "text": T} for name in PARAMETERS},
            "sections": {
                "one": {"title": T, "intro": T},
                "two": {"title": T, "intro": T},
            },
            "answers": ANSWERS,
            "derived": derived,
            "requirements": tuple(made),
            "levels": tuple(
                draw(levels(ids, n)) for n in range(draw(st.integers(0, 3)))
            ),
        }
    )


@st.composite
def values(draw: st.DrawFn, *, all_of_them: bool = False) -> dict[str, Any]:
    """Legal values for some of the answers, or for all of them and every cell."""
    found = {
        name: draw(strategy)
        for name, strategy in VALUES.items()
        if all_of_them or draw(st.integers(0, 3))
    }
    if all_of_them:
        cells = {"day": days, "day2": days, "yes": st.booleans()}
        for row in found["r1"]:
            for name, strategy in {**cells, "nn": st.integers(0, 9)}.items():
                row.setdefault(name, draw(strategy))
    return found


def _remade(edition: Edition, requirements: list[dict[str, Any]]) -> Edition:
    plain = edition.model_dump(by_alias=True)
    return Edition.model_validate({**plain, "requirements": tuple(requirements)})


@st.composite
def scored_editions(draw: st.DrawFn) -> Edition:
    """An edition in which only points matter: everything conforms."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        one = _always(number, "two")
        one["points"] = draw(st.integers(1, 20))
        one["rule"] = {"answer": "i1", "at_least": draw(st.integers(1, 9))}
        if draw(st.booleans()):
            one["applies_if"] = {"answer": "b1", "is": draw(st.booleans())}
        made.append(one)
    percents = sorted(draw(st.sets(st.integers(1, 100), min_size=1, max_size=3)))
    edition = _remade(draw(editions()), [*made, _always(9, "two")])
    return Edition.model_validate(
        {
            **edition.model_dump(by_alias=True),
            "levels": tuple(
                {"id": f"l{n}x", "title": T, "percent_at_least": percent}
                for n, percent in enumerate(percents)
            ),
        }
    )


@st.composite
def reserved_editions(draw: st.DrawFn) -> Edition:
    """An edition whose first requirement, when "b1" is no, passes with a reserve."""
    one = {
        **_always(0, "one"),
        "mandatory": True,
        "rule": {"answer": "b1", "is": True},
        "reserve": {
            "rule": {"answer": "b1", "is": False},
            "until": ({"answer": "d1"},),
            "text": T,
        },
    }
    edition = _remade(draw(editions()), [one, _always(9, "two")])
    return Edition.model_validate({**edition.model_dump(by_alias=True), "levels": ()})


IDS = ["r0x", "r1x", "r2x", "s8x"]
waivers = st.builds(
    Waiver,
    st.sampled_from(["", "  ", "Nessun appalto nell’anno"]),
    st.sampled_from([None, True, False]),
)
actions = st.builds(Action, days, st.one_of(st.none(), days))


@st.composite
def extras(draw: st.DrawFn) -> dict[str, Any]:
    """Reserves used, waivers and actions of a case."""
    ids = st.sampled_from(IDS)
    return {
        "reserves_used": frozenset(draw(st.sets(ids, max_size=1))),
        "waivers": draw(st.dictionaries(ids, waivers, max_size=2)),
        "actions": draw(st.dictionaries(ids, actions, max_size=2)),
    }


@st.composite
def hostile_cases(draw: st.DrawFn) -> Case:
    """Facts of any type under known and unknown names."""
    names = st.sampled_from([*ANSWERS, "unknown", "x_sum"])
    facts = st.builds(
        Fact, anything, anything, st.one_of(st.none(), days), st.booleans()
    )
    return Case(draw(st.dictionaries(names, facts, max_size=8)), **draw(extras()))


@st.composite
def known_cases(draw: st.DrawFn) -> Case:
    """Legal declared and verified values, some of which expire."""
    found = draw(values())
    return Case(
        {
            name: Fact(value, value, draw(st.one_of(st.none(), days)))
            for name, value in found.items()
        },
        **draw(extras()),
    )


@st.composite
def poorer(draw: st.DrawFn, full: dict[str, Any]) -> dict[str, Any]:
    """The same values with some answers and some cells taken away."""
    found = {name: value for name, value in full.items() if draw(st.booleans())}
    if "r1" in found:
        found["r1"] = [
            {name: cell for name, cell in row.items() if draw(st.integers(0, 2))}
            for row in found["r1"]
        ]
    return found


bases = st.sampled_from(list(Basis))


_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def plain_rule(raw: dict[str, Any]) -> Rule:
    """The rule of a mapping."""
    return _RULE.validate_python(raw)


def named(edition: Edition) -> Edition:
    """The same edition in which every question and option has a name of its own."""

    def label(name: str) -> Text:
        return Text(it=f"Domanda {name}", en=f"Question {name}")

    def options(of: dict[str, Text]) -> dict[str, Text]:
        return {name: label(name) for name in of}

    answers = {
        name: one.model_copy(
            update={"label": label(name), "options": options(one.options)}
        )
        for name, one in edition.answers.items()
    }
    derived = {
        name: one.model_copy(update={"label": label(name)})
        for name, one in edition.derived.items()
    }
    return edition.model_copy(update={"answers": answers, "derived": derived})

"""Ratios of one run: one application against CEL, many against zen-engine and NumPy.

    python -m benchmarks.criteria [applications]

Every engine judges the same seven rules on the same invented answers, and the verdicts
are compared before anything is timed.
"""

import datetime as dt
import gc
import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import cel
import numpy as np
import zen

from benchmarks.plain_edition import NAMES, ON, applications, edition
from registry.criteria.bits import rows_of
from registry.criteria.bulk import evaluate_all
from registry.criteria.columns import Columns, oldest
from registry.criteria.evaluation import Outcome, evaluate
from registry.criteria.explanation import reasons
from registry.criteria.facts import Case
from registry.criteria.result import Status
from registry.criteria.snapshot import dump, load

ROUNDS = 5
FIRST_12, FIRST_18, FIRST_24 = (oldest(n, ON).isoformat() for n in (12, 18, 24))
TODAY = ON.isoformat()

# What is missing is left out: Rust CEL then raises, and unknown is the exception.
CEL = {
    "revision": f"outcome == 'positive' && ((revised_on >= '{FIRST_12}' && revised_on "
    f"<= '{TODAY}') || (kind in ['labour', 'other'] && revised_on >= '{FIRST_24}' && "
    f"revised_on <= '{TODAY}'))",
    "assembly": "assemblies >= 2",
    "contract": "contract == true",
    "durc": f"durc_until >= '{TODAY}'",
    "path": f"(path == 'certified' && certificate_until >= '{TODAY}') || (path == "
    f"'started' && engaged_on >= '{FIRST_18}' && engaged_on <= '{TODAY}')",
    "training": "courses >= 2 && trained * 100 >= 50 * workers",
    "inclusion": "kind != 'social_b' || included * 100 >= 30 * workers",
}


def _zen_rules() -> dict[str, str]:
    # Days as numbers: the cheapest a decision graph can compare. Missing is null.
    def known(*names: str) -> str:
        return " and ".join(f"{name} != null" for name in names)

    today, first_12, first_18, first_24 = (
        dt.date.fromisoformat(day).toordinal()
        for day in (TODAY, FIRST_12, FIRST_18, FIRST_24)
    )
    within = "{0} >= {1} and {0} <= " + str(today)
    last_12, last_24 = (within.format("revised_on", n) for n in (first_12, first_24))
    started = within.format("engaged_on", first_18)
    return {
        "revision": f"{known('outcome', 'revised_on', 'kind')} ? outcome == 'positive' "
        f"and (({last_12}) or (kind in ['labour', 'other'] and {last_24})) : false",
        "assembly": f"{known('assemblies')} ? assemblies >= 2 : false",
        "contract": f"{known('contract')} ? contract == true : false",
        "durc": f"{known('durc_until')} ? durc_until >= {today} : false",
        "path": f"{known('path', 'certificate_until', 'engaged_on')} ? (path == "
        f"'certified' and certificate_until >= {today}) or (path == 'started' and "
        f"{started}) : false",
        "training": f"{known('courses', 'trained', 'workers')} ? courses >= 2 and "
        "trained * 100 >= 50 * workers : false",
        "inclusion": f"{known('kind', 'included', 'workers')} ? kind != 'social_b' or "
        "included * 100 >= 30 * workers : false",
    }


def _graph() -> str:
    expressions = [
        {"id": name, "key": name, "value": rule} for name, rule in _zen_rules().items()
    ]
    node = {"expressions": expressions, "passThrough": False}
    return json.dumps(
        {
            "nodes": [
                {"id": "i", "type": "inputNode", "name": "in"},
                {"id": "e", "type": "expressionNode", "name": "e", "content": node},
                {"id": "o", "type": "outputNode", "name": "out"},
            ],
            "edges": [
                {"id": "1", "sourceId": "i", "targetId": "e", "type": "edge"},
                {"id": "2", "sourceId": "e", "targetId": "o", "type": "edge"},
            ],
        }
    )


def _timed(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()
        wall, own = time.perf_counter(), time.process_time()
        work()
        # The lesser of the two: threads on two cores, and a machine others use too.
        took = time.process_time() - own, time.perf_counter() - wall
        times.append(min(took))
        gc.enable()
    return median(times)


def _text(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if type(value) is dt.date else value
        for name, value in answers.items()
    }


def _numbers(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.toordinal() if type(value) is dt.date else value
        for name in NAMES
        for value in (answers.get(name),)
    }


def one_by_one(found: list[dict[str, Any]]) -> None:
    """One application at a time: trace, trace and sentences, and CEL without either."""
    draft = edition()
    programs = {name: cel.compile(rule) for name, rule in CEL.items()}
    contexts = [_text(one) for one in found]
    cases = [Case.declared(one) for one in found]

    def judge_cel(context: dict[str, Any]) -> dict[str, bool | None]:
        verdicts: dict[str, bool | None] = {}
        for name, program in programs.items():
            try:
                verdicts[name] = program.execute(context)
            except Exception:  # how it says that something is missing
                verdicts[name] = None
        return verdicts

    for context, case in zip(contexts, cases, strict=True):
        said = judge_cel(context)
        for one in evaluate(draft, case, ON).requirements:
            sure = one.status in (Status.MET, Status.NOT_APPLICABLE)
            assert (said[one.id] is True) is sure, (one, said)

    plain = _timed(lambda: [judge_cel(context) for context in contexts])
    traced = _timed(lambda: [evaluate(draft, case, ON) for case in cases])
    told = _timed(
        lambda: [reasons(draft, evaluate(draft, case, ON), "it") for case in cases]
    )
    count = len(found)
    print(f"one at a time, {count} applications")
    print(f"  Rust CEL, no trace             {count / plain:10,.0f}/s")
    print(
        f"  registry, full trace           {count / traced:10,.0f}/s"
        f"   {plain / traced:5.2f} of CEL (wanted 0.33)"
    )
    print(
        f"  registry, trace and sentences  {count / told:10,.0f}/s"
        f"   {plain / told:5.2f} of CEL (wanted 0.20)"
    )


def _arrays(found: list[dict[str, Any]]) -> dict[str, Any]:
    codes = {"kind": 0, "outcome": 0, "path": 0}
    places = {
        name: {option: at for at, option in enumerate(edition().answers[name].options)}
        for name in codes
    }
    arrays = {}
    for name in NAMES:
        column = [_numbers(one)[name] for one in found]
        if name in places:
            column = [None if v is None else places[name][v] for v in column]
        arrays[name] = np.array([-1 if v is None else int(v) for v in column], np.int64)
    return arrays


def numpy_by_hand(a: dict[str, Any]) -> dict[str, Any]:
    """Every status and the outcome, as somebody would write it for these rules only."""
    today, first_12, first_18, first_24 = (
        dt.date.fromisoformat(day).toordinal()
        for day in (TODAY, FIRST_12, FIRST_18, FIRST_24)
    )

    def both(*parts: Any) -> Any:
        return (
            np.logical_and.reduce([true for true, _ in parts]),
            np.logical_or.reduce([false for _, false in parts]),
        )

    def either(*parts: Any) -> Any:
        return (
            np.logical_or.reduce([true for true, _ in parts]),
            np.logical_and.reduce([false for _, false in parts]),
        )

    def test(name: str, truth: Any) -> Any:
        known = a[name] >= 0
        return truth & known, ~truth & known

    def share(part: str, whole: str, percent: int) -> Any:
        known = (a[part] >= 0) & (a[whole] >= 0)
        truth = a[part] * 100 >= percent * a[whole]
        return truth & known, ~truth & known

    revised, engaged = a["revised_on"], a["engaged_on"]
    last_12 = test("revised_on", (revised >= first_12) & (revised <= today))
    last_24 = test("revised_on", (revised >= first_24) & (revised <= today))
    status = {
        "revision": both(
            test("outcome", a["outcome"] == 0),
            either(last_12, both(test("kind", a["kind"] >= 2), last_24)),
        ),
        "assembly": test("assemblies", a["assemblies"] >= 2),
        "contract": test("contract", a["contract"] == 1),
        "durc": test("durc_until", a["durc_until"] >= today),
        "path": either(
            both(
                test("path", a["path"] == 2),
                test("certificate_until", a["certificate_until"] >= today),
            ),
            both(
                test("path", a["path"] == 1),
                test("engaged_on", (engaged >= first_18) & (engaged <= today)),
            ),
        ),
        "training": both(
            test("courses", a["courses"] >= 2), share("trained", "workers", 50)
        ),
    }
    applies, excluded = test("kind", a["kind"] == 1)
    true, false = share("included", "workers", 30)
    status["inclusion"] = (true | excluded, false & applies)
    failed = np.logical_or.reduce([false for _, false in status.values()])
    passed = np.logical_and.reduce([true for true, _ in status.values()])
    return {"status": status, "failed": failed, "passed": passed}


def many(count: int) -> None:
    """All of them under a draft: zen-engine's batch, columns, NumPy by hand."""
    found = applications(count)
    columns = {name: [one.get(name) for one in found] for name in NAMES}
    draft, other = edition(), edition("2027", assemblies=3, months=12, trained=60)
    graph = _graph()
    engine = zen.ZenEngine({"loader": lambda _: graph})
    contexts = [_numbers(one) for one in found]
    arrays = _arrays(found)
    coded = Columns.of_values(columns, count)
    bulk = evaluate_all(draft, coded, ON)
    by_hand = numpy_by_hand(arrays)
    assert rows_of(bulk.outcome[Outcome.CONFORMING]) == list(
        np.nonzero(by_hand["passed"])[0]
    )
    assert rows_of(bulk.outcome[Outcome.NOT_CONFORMING]) == list(
        np.nonzero(by_hand["failed"])[0]
    )
    batch = contexts[: min(count, 20_000)]
    zen_time = _timed(lambda: _zen(engine, batch)) * count / len(batch)
    hand = _timed(lambda: numpy_by_hand(arrays))
    coding = _timed(lambda: Columns.of_values(columns, count))
    first = _timed(lambda: evaluate_all(draft, Columns.of_values(columns, count), ON))
    next_ = _timed(lambda: evaluate_all(other, coded, ON))
    kept = dump(coded)
    snapshot = _timed(lambda: evaluate_all(draft, load(kept), ON))
    print(f"{count:,} applications under a draft")
    for said, took in (
        ("zen-engine evaluate_batch, verdicts", zen_time),
        ("registry, coding the columns only", coding),
        ("registry, coding and everything", first),
        ("registry, snapshot read and everything", snapshot),
        ("registry, everything, coded columns", next_),
        ("NumPy by hand, statuses and outcome", hand),
    ):
        print(f"  {said:38} {took * 1000:9.1f} ms  {zen_time / took:8.1f} x zen")
    print(f"  coded columns: {zen_time / next_:.0f} x zen (wanted 100)")
    print(
        f"  snapshot of {len(kept) / 1e6:.1f} MB read: {zen_time / snapshot:.0f} x zen"
    )
    print(
        f"  coded columns: {next_ / hand:.1f} x the time of NumPy (at most 10 wanted)"
    )


def _zen(engine: Any, contexts: list[dict[str, Any]]) -> Any:
    return engine.evaluate_batch(
        [{"key": "draft", "context": context} for context in contexts]
    )


def growth() -> None:
    """From a thousand to a million, coded columns: time for each application."""
    other = edition("2027", assemblies=3, months=12, trained=60)
    base = applications(10_000)
    print("growth, coded columns")
    for count in (1_000, 10_000, 100_000, 1_000_000):
        times, rest = divmod(count, len(base))
        columns = {
            name: [one.get(name) for one in base] * times
            + [one.get(name) for one in base[:rest]]
            for name in NAMES
        }
        coded = Columns.of_values(columns, count)
        evaluate_all(edition(), coded, ON)
        took = _timed(lambda coded=coded: evaluate_all(other, coded, ON))
        print(
            f"  {count:>9,}  {took * 1000:8.1f} ms  {took / count * 1e9:7.0f} ns each"
        )


if __name__ == "__main__":
    one_by_one(applications(2_000))
    many(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    growth()

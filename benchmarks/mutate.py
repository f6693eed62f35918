"""Seeded faults in the criteria: the tests must kill every one of them.

    python -m benchmarks.mutate [words of a fault …]

Each fault is put into a copy of the checkout and the tests of the criteria run there,
on random editions without shrinking. A fault that survives is a test that is missing.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = [
    "tests/criteria/test_cases.py",
    "tests/criteria/test_more_properties.py",
    "tests/criteria/test_bulk.py",
    "tests/criteria/test_properties.py",
    "tests/criteria/test_difference.py",
    "tests/criteria/test_editions.py",
    "tests/criteria/test_what_if.py",
]
# Only generate: a fault need not be made small to be killed.
PLUGIN = """import hypothesis as h
h.settings.register_profile("m", phases=[h.Phase.generate], database=None)
h.settings.load_profile("m")
"""
FAULTS = [
    ("judging", "if on <= last:", "if on < last:", "months: the last day is lost"),
    (
        "judging",
        "    if day > on:",
        "    if False:",
        "a day in the future is accepted",
    ),
    ("judging", "yes[need - 1]", "yes[0]", "stable too long when true"),
    ("judging", "no[len(nodes) - need]", "no[0]", "stable too long when false"),
    (
        "judging",
        "return Node(rule, None, min(one.until for one in nodes), children=nodes)",
        "return Node(rule, None, max(one.until for one in nodes), children=nodes)",
        "stable too long when unknown",
    ),
    (
        "judging",
        "if len(nodes) - len(no) < need:",
        "if len(nodes) - len(no) <= need:",
        "false too early",
    ),
    ("judging", "if whole.high == 0:", "if whole.high is False:", "nothing of nothing"),
    (
        "judging",
        "part.low * 100 >= percent * whole.high",
        "part.low * 100 > percent * whole.high",
        "percent: the edge is lost",
    ),
    ("judging", "if low >= rule.at_least:", "if low > rule.at_least:", "at least"),
    ("judging", "if on <= day:", "if on < day:", "expiry: the last day is lost"),
    (
        "judging",
        "truth = False if seen.gap is Gap.NOT_ASKED else None",
        "truth = False",
        "unknown taken as false",
    ),
    (
        "scoring",
        "if one.truth is not False), default=0)",
        "if one.truth is True), default=0)",
        "unknown has no upside",
    ),
    (
        "scoring",
        "low += 0 if one.optional else one.low",
        "low += one.low",
        "points of what may not apply are sure",
    ),
    (
        "scoring",
        "own = min(own, 0) if sure else max(own, 0)",
        "pass",
        "applicability unknown is ignored in percentages",
    ),
    (
        "scoring",
        "            break\n",
        "            continue\n",
        "levels not cumulative",
    ),
    ("scoring", "return margin >= 0", "return margin > 0", "percent of points: edge"),
    (
        "evaluation",
        "points = None if requirement.points is None else NO_POINTS",
        "points = requirement.points and NO_POINTS._replace(of=requirement.points)",
        "not applicable counted in the total",
    ),
    (
        "evaluation",
        "if node.truth is None or (applies is not None and applies.truth is None):",
        "if node.truth is None:",
        "applicability unknown taken as applies",
    ),
    (
        "evaluation",
        'if requirement.severity != "minor" or action is None or days is None:',
        "if action is None or days is None:",
        "an action for a major requirement",
    ),
    (
        "evaluation",
        "stable_until=min(found.stable_until, due)",
        "stable_until=found.stable_until",
        "the due day does not end stability",
    ),
    ("evaluation", "    if on > due:", "    if on >= due:", "action: last day lost"),
    (
        "evaluation",
        "stable = min(found.stable_until, until, node.until)",
        "stable = min(found.stable_until, node.until)",
        "the end of a reserve is not watched",
    ),
    (
        "evaluation",
        "if requirement.mandatory\n",
        "if True\n",
        "an optional requirement decides the outcome",
    ),
    ("facts", "return self.accepted is True", "return True", "waiver not accepted"),
    ("facts", "if not self.reason.strip():", "if False:", "waiver without a reason"),
    (
        "facts",
        "return min(self.due, last)",
        "return self.due",
        "action beyond its days",
    ),
    (
        "view",
        "            until = fact.expires\n",
        "",
        "expiry of evidence not watched",
    ),
    ("view", "if on > fact.expires:", "if on >= fact.expires:", "evidence: last day"),
    (
        "view",
        "if not is_legal(answer, value):",
        "if False:",
        "illegal values are believed",
    ),
    (
        "columns",
        "return lambda value: bool(first <= value <= on)",
        "return lambda value: bool(first <= value)",
        "many: a day in the future is accepted",
    ),
    (
        "columns",
        "too_many.add(self.all, len(rule.some_of) - rule.how_many + 1)",
        "too_many.add(self.all, len(rule.some_of) - rule.how_many)",
        "many: some of them, false too early",
    ),
    (
        "bulk",
        "used = rows if counts else rows & ~found.optional",
        "used = rows",
        "many: applicability unknown is ignored",
    ),
    ("bulk", "possible & sure & running", "possible & sure", "many: reserve lapsed"),
    ("bits", "return more | equal", "return more", "many: equal is not enough"),
    (
        "boundaries",
        "marks |= {kind(one.at_least) - step, kind(one.at_least)}",
        "marks |= {kind(one.at_least)}",
        "limits thinned: the number before",
    ),
    (
        "boundaries",
        "days |= {first - DAY if first > NEVER + DAY else first, first, on, on + DAY}",
        "days |= {first, on}",
        "limits thinned: the days around",
    ),
    (
        "difference",
        "possible = merged.possible(grid)",
        "possible = grid.all",
        "difference: what counts fewer rows may be larger",
    ),
    (
        "transition",
        "if source.name is None or values.get(source.name) is None:",
        "if values.get(source.name or name) is None:",
        "what is asked again is carried over",
    ),
    (
        "what_if",
        "twice |= once & failed",
        "twice |= 0",
        "what-if: every obstacle is the only one",
    ),
]


def main(words: list[str]) -> int:
    """Try the faults whose name has one of `words`, all without; how many survived."""
    chosen = [one for one in FAULTS if not words or any(w in one[3] for w in words)]
    survived = 0
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        for name in ("registry", "criteria", "tests", "pyproject.toml"):
            source = ROOT / name
            if source.is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "*.mo")
                shutil.copytree(source, copy / name, ignore=ignore)
            else:
                shutil.copy(source, copy / name)
        (copy / "mutation_profile.py").write_text(PLUGIN)
        for module, old, new, name in chosen:
            start = time.perf_counter()
            killed_by = _try(copy, module, old, new)
            survived += killed_by is None
            said = "SURVIVED" if killed_by is None else "killed  "
            took = time.perf_counter() - start
            print(
                f"{said} {took:5.0f} s  {module}: {name}  {killed_by or ''}", flush=True
            )
    print(f"{len(chosen) - survived} of {len(chosen)} killed")
    return survived


def _try(copy: Path, module: str, old: str, new: str) -> str | None:
    """The test that fails with the fault; None when all pass."""
    path = copy / "registry" / "criteria" / f"{module}.py"
    sound = path.read_text("utf-8")
    assert old in sound, (module, old)
    path.write_text(sound.replace(old, new, 1), "utf-8")
    try:
        # One file after the other: the quickest to fail stands first.
        for test in TESTS:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-x", "--no-header",
                 "-p", "mutation_profile", "-p", "no:cacheprovider",
                 "-W", "ignore::pytest.PytestAssertRewriteWarning", test],
                cwd=copy, capture_output=True, text=True, check=False,
                env={**os.environ, "PYTHONPATH": str(copy)},
            )  # fmt: skip
            if done.returncode:
                lines = [one for one in done.stdout.splitlines() if "::" in one]
                failed = [one for one in lines if one.startswith(("FAILED", "ERROR"))]
                return (failed or ["?"])[0].split(" - ")[0].split("::")[-1][:60]
        return None
    finally:
        path.write_text(sound, "utf-8")


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)

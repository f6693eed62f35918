"""Laws about the code itself that no linter knows.  Each message names the remedy."""

import ast
import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.states import mermaid

ROOT = Path(__file__).parent.parent.parent
CODE = ROOT / "registry"
SOURCES = sorted(
    path
    for path in CODE.rglob("*.py")
    if "migrations" not in path.relative_to(CODE).parts
)
EDGES = {"views.py", "jobs.py", "commands.py"}
#: The few files outside a room's edges that may finish a transaction, and why.
COMMITTERS = {
    "api/watches.py": "pages for programs are an edge too",
    "watches/webhook_views.py": "pages of webhooks, on their own blueprint",
    "accounts/security.py": "Flask-Security's pages have no line of ours to do it",
    "certificates/many.py": "workers, each certificate by itself, for hours",
    "certificates/press.py": "plan and seal, with nobody held up in between",
    "cli.py": "the command line is an edge",
    "demo/renaming.py": "a chapter of the demo, between two of its jobs",
    "demo/world.py": "plays the part of all edges, years of them",
    "suppliers/sign_up.py": "the public pages of signing up, on their own blueprint",
    "suppliers/work.py": "the checking of a list, woken by page, program or job",
    "timetable.py": "the scheduler is an edge",
}
VAGUE = {"utils", "util", "helpers", "common", "constants", "managers", "misc"}


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """The calls of a method with one of `names` in a file."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in names
        ):
            yield node


def test_only_edges_commit() -> None:
    wrong = [
        where(path, call)
        for path in SOURCES
        if path.name not in EDGES and str(path.relative_to(CODE)) not in COMMITTERS
        for call in calls(path, "commit")
    ]
    assert not wrong, f"Commit in the view, job or command that calls this: {wrong}"


def test_only_the_clock_reads_the_time() -> None:
    wrong = [
        where(path, call)
        for path in SOURCES
        if path != CODE / "clock.py"
        for call in calls(path, "now", "utcnow", "today")
        if ast.unparse(call.func).split(".")[0] in {"datetime", "date", "dt"}
    ]
    assert not wrong, f"Take `at` or `on`; edges ask services().clock: {wrong}"


def test_operations_take_who_and_when_by_name() -> None:
    wrong = [
        f"{where(path, node)} {node.name}({argument.arg})"
        for path in SOURCES
        if path.name == "operations.py"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        for argument in (*node.args.posonlyargs, *node.args.args)
        if argument.arg in {"by", "at", "storage", "seal"}
    ]
    assert not wrong, f"Put `*` before them: {wrong}"


def test_views_do_not_catch_refusals() -> None:
    wrong = [
        where(path, node)
        for path in SOURCES
        if path.name == "views.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Try)
    ]
    assert not wrong, f"Let it rise; registry.web.errors shows it: {wrong}"


def test_nothing_has_a_vague_name() -> None:
    wrong = [path for path in SOURCES if VAGUE & {path.stem, path.parent.name}]
    assert not wrong, f"Name it after what it is in the domain: {wrong}"


def test_nothing_committed_knows_this_machine() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    machine = "/(work|root|tmp/w)/"
    found = subprocess.run(
        [git, "grep", "-nIE", machine, "--", ".", ":!*/LICENSE*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not found.stdout, f"Take the folder from settings or paths: {found.stdout}"


def test_imports_follow_time() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def drawn() -> list[str]:
    """The rooms with a table of moves."""
    return sorted(
        path.parent.name
        for path in CODE.glob("*/models.py")
        if "MOVES" in path.read_text()
    )


@pytest.mark.parametrize("room", drawn())
def test_the_drawing_of_the_states_is_the_table(room: str) -> None:
    moves = importlib.import_module(f"registry.{room}.models").MOVES
    said = importlib.import_module(f"registry.{room}").__doc__ or ""
    drawing = [line.strip() for line in mermaid(moves).splitlines()]
    lines = [line.strip() for line in said.splitlines()]
    missing = [line for line in drawing if line not in lines]
    extra = [line for line in lines if "-->" in line and line not in drawing]
    assert not missing + extra, (
        f"Draw in registry/{room}/__init__.py:\n{mermaid(moves)}\n"
        f"not there: {missing}; not in MOVES: {extra}"
    )

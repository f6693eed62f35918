"""
The matrix of who may open what, kept as access.csv beside this file.

"any" opens every thing of that address, "own" only one's own (another's is answered as
if it did not exist), nothing under a role means that it may not open the address at
all.  A change of rights shows in its diff.  The roles are read from the views; whose
things open is tried in a small world.  Written anew by: python -m tests.house.access
"""

import csv
import sys
import tempfile
from io import StringIO
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.accounts.models import Role
from tests.security import addresses
from tests.security.world import World, build

FILE = Path(__file__).with_name("access.csv")
VISITOR = "visitor"
PEOPLE = [VISITOR, *(role.value for role in Role if role is not Role.REGISTRY)]
ANY, OWN, NONE = "any", "own", ""

Row = dict[str, str]


def kept() -> list[Row]:
    """The matrix as it was last written."""
    with FILE.open(newline="") as file:
        return list(csv.DictReader(file))


def tried(world: World) -> list[Row]:
    """The matrix of the code as it is now."""
    found = []
    for rule in addresses.rules(world.app):
        for method in addresses.methods(rule):
            row = {"rule": rule.rule, "method": method}
            for who in PEOPLE:
                row[who] = cell(world, rule, method, who)
            found.append(row)
    return sorted(found, key=lambda row: (row["rule"], row["method"]))


def cell(world: World, rule: Rule, method: str, who: str) -> str:
    """What one role may open of one address."""
    if not may(world.app, rule.endpoint, who):
        return NONE
    if addresses.kind_of(rule) is None:
        return ANY
    theirs = addresses.of(rule, world.foreign)
    reached = any(is_reached(ask(world, method, path, who)) for path in theirs)
    return ANY if reached else OWN


def may(app: Flask, endpoint: str, who: str) -> bool:
    """What the view itself declares; no role named means the whole world."""
    roles = getattr(app.view_functions[endpoint], "open_to", ())
    return not roles or who in {role.value for role in roles}


def ask(world: World, method: str, path: str, who: str) -> TestResponse:
    """One request in a fresh browser; what it changed is undone."""
    with world.browser(who).open(path, method=method) as answer:
        answer.get_data()
    if method != "GET" and answer.status_code < 400:
        world.reset()
    return answer


def is_reached(answer: TestResponse) -> bool:
    """Something stands there for this person: even if it cannot be done just now."""
    return answer.status_code != 404 and not refused(answer)


def refused(answer: TestResponse) -> bool:
    """Sent to sign in, or told that the page is for people with another role."""
    if answer.status_code == 403:
        return "è riservata a chi ha un altro ruolo" in answer.text
    return answer.headers.get("Location", "").partition("?")[0] == "/sign-in"


def as_csv(rows: list[Row]) -> str:
    """The matrix as text."""
    text = StringIO()
    writer = csv.DictWriter(text, ["rule", "method", *PEOPLE], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write access.csv from the code as it is now."""
    from registry.criteria.reader import read_all
    from registry.paths import CRITERIA
    from registry.seal import development_seal

    with tempfile.TemporaryDirectory() as folder:
        doors = {
            "seal": development_seal(Path(folder, "keys")),
            "editions": read_all(CRITERIA),
        }
        FILE.write_text(as_csv(tried(build(Path(folder), doors))))
    sys.stdout.write(f"{FILE.name} is written; look at its diff.\n")


if __name__ == "__main__":
    main()

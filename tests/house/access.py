"""
The matrix of who may open what, kept as access.csv beside this file.

A change of rights shows in its diff.  Written anew by: python -m tests.house.access
"""

import csv
import sys
import tempfile
from io import StringIO
from pathlib import Path

from flask import Flask

from registry.accounts.models import Role

FILE = Path(__file__).with_name("access.csv")
VISITOR = "visitor"
PEOPLE = [VISITOR, *(role.value for role in Role if role is not Role.REGISTRY)]


def rows(app: Flask) -> list[dict[str, str]]:
    """A row for each address and method: "yes" under those who may open it."""
    found = [
        {"rule": rule.rule, "method": method}
        | {who: may(app, rule.endpoint, who) for who in PEOPLE}
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda row: (row["rule"], row["method"]))


def may(app: Flask, endpoint: str, who: str) -> str:
    """What the view itself declares; no role named means the whole world."""
    roles = getattr(app.view_functions[endpoint], "open_to", ())
    return "yes" if not roles or who in {role.value for role in roles} else ""


def as_csv(app: Flask) -> str:
    """The matrix as text."""
    text = StringIO()
    writer = csv.DictWriter(text, ["rule", "method", *PEOPLE], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(app))
    return text.getvalue()


def main() -> None:
    """Write access.csv from the code as it is now."""
    from registry import create_app
    from registry.settings import Environment, Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(environment=Environment.DEMO, data_dir=Path(folder))
        FILE.write_text(as_csv(create_app(settings)))
    sys.stdout.write(f"{FILE.name} is written; look at its diff.\n")


if __name__ == "__main__":
    main()

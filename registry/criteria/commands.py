"""`registry criteria …`: check, read, compare, try and publish editions.

`import` and `replay NUMBER` need the database: the room of schemes adds them.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from registry.clock import SystemClock, civil_day
from registry.criteria import publishing
from registry.criteria.broken import BrokenEdition
from registry.criteria.difference import difference
from registry.criteria.difference_told import tell
from registry.criteria.document import read_edition
from registry.criteria.edition import Edition
from registry.criteria.facts import Basis, Case, Fact
from registry.criteria.reader import Editions, read_all
from registry.criteria.values import from_json
from registry.criteria.what_if import Fate, Subject, WhatIf, what_if
from registry.errors import RegistryError
from registry.paths import CRITERIA

_Day = click.DateTime(formats=["%Y-%m-%d"])
_language = click.option(
    "--language", type=click.Choice(["it", "en"]), default="it", show_default=True
)
_root = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=CRITERIA,
    help="The folder of the criteria, instead of the one in use.",
)
_on = click.option(
    "--on", type=_Day, help="The day to reckon with; today if not given."
)


@click.group("criteria")
def criteria_cli() -> None:
    """The editions of the criteria."""


@criteria_cli.command("check")
@_root
def check_(root: Path) -> None:
    """Look for mistakes in every edition, in the lock and in the worked examples."""
    wrong = publishing.check(root)
    for one in wrong:
        click.echo(str(one))
    if wrong:
        raise SystemExit(1)
    click.echo("Nessun errore.")


@criteria_cli.command("read")
@click.argument("key")
@_language
@_root
def read_(key: str, language: str, root: Path) -> None:
    """Read an edition back as sentences: the text that is signed."""
    click.echo(read_edition(_find(_editions(root), key), language), nl=False)


@criteria_cli.command("diff")
@click.argument("old")
@click.argument("new")
@_language
@_root
def diff_(old: str, new: str, language: str, root: Path) -> None:
    """Say what changes from one edition to another, with an example."""
    editions = _editions(root)
    found = difference(_find(editions, old), _find(editions, new))
    for line in tell(found, language):
        click.echo(line)


@criteria_cli.command("what-if")
@click.argument("old")
@click.argument("new")
@click.argument("export", type=click.File("r", encoding="utf-8"))
@click.option("--out", type=click.File("w", encoding="utf-8"), help="Keep the figures.")
@click.option("--verified", is_flag=True, help="Judge what auditors established.")
@_on
@_root
def what_if_(
    old: str,
    new: str,
    export: Any,
    out: Any,
    *,
    verified: bool,
    on: dt.datetime | None,
    root: Path,
) -> None:
    """Try a draft on an export of answers: one JSON object a line.

    Each line has "key", "answers", perhaps "verified" and "groups".
    """
    editions = _editions(root)
    before, after = _find(editions, old), _find(editions, new)
    found = what_if(
        before,
        after,
        _subjects(before, export),
        _day(on),
        Basis.VERIFIED if verified else Basis.DECLARED,
        lambda done: click.echo(f"{done} …", err=True),
    )
    for line in in_words(after, found):
        click.echo(line)
    if out is not None:
        json.dump(found.to_json(), out, ensure_ascii=False, indent=1, sort_keys=True)


@criteria_cli.command("publish")
@click.argument("key")
@click.option("--what-if", "figures", type=click.File("r", encoding="utf-8"))
@_on
@_root
def publish_(key: str, figures: Any, on: dt.datetime | None, root: Path) -> None:
    """Write a draft in the lock: from then on its rules never change."""
    attached = None if figures is None else json.load(figures)
    try:
        click.echo(publishing.publish(root, key, _day(on), attached))
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from None


@criteria_cli.command("correct")
@click.argument("key")
@click.argument("reason")
@_on
@_root
def correct_(key: str, reason: str, on: dt.datetime | None, root: Path) -> None:
    """Accept corrected helps or translations of a published edition."""
    try:
        click.echo(publishing.correct(root, key, _day(on), reason))
    except RegistryError as refusal:
        raise click.ClickException(str(refusal)) from None


def _day(on: dt.datetime | None) -> dt.date:
    return civil_day(SystemClock().now()) if on is None else on.date()


def _editions(root: Path) -> Editions:
    try:
        return read_all(root)
    except BrokenEdition as broken:
        raise click.ClickException(str(broken)) from None


def _find(editions: Editions, key: str) -> Edition:
    found = editions.get(key) or editions.drafts.get(key)
    if found is not None:
        return found
    wrong = [str(one) for one in editions.left_out if key in str(one.path)]
    known = ", ".join([*editions, *editions.drafts])
    raise click.ClickException(
        "\n".join(wrong) or f"L’edizione {key} non esiste; ci sono: {known}"
    )


def _subjects(edition: Edition, lines: Iterator[str]) -> Iterator[Subject]:
    for line in lines:
        if line.strip():
            one = json.loads(line)
            declared, verified = one.get("answers", {}), one.get("verified", {})
            facts = {
                name: Fact(
                    from_json(edition.answers[name], declared.get(name)),
                    from_json(edition.answers[name], verified.get(name)),
                )
                for name in {**declared, **verified}
                if name in edition.answers
            }
            yield Subject(one["key"], Case(facts), one.get("groups", {}))


def in_words(new: Edition, found: WhatIf) -> Iterator[str]:
    """The figures of a what-if as lines to read."""
    yield f"{found.old} → {found.new}, {found.on.isoformat()}"
    words = {
        Fate.KEPT: "lo manterrebbero",
        Fate.LOST: "lo perderebbero",
        Fate.UNDETERMINED: "non accertabile",
    }
    yield f"Oggi conformi: {found.passed}"
    for fate, said in words.items():
        yield f"  {said}: {found.count(fate)}"
    yield f"Diventerebbero conformi: {found.gained}"
    for id_, one in found.obstacles.items():
        if one.not_met or one.undetermined:
            title = new.requirement(id_).title.it
            yield (
                f"  {title}: non soddisfatto {one.not_met}, non accertabile "
                f"{one.undetermined}, solo ostacolo {one.only}"
            )

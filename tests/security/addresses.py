"""Every rule of the application as addresses of real things."""

import re
from collections.abc import Iterator
from itertools import islice

from flask import Flask
from werkzeug.routing import Rule

from tests.security.world import Side, World

MISSING = 999_999
#: What the number in an address is, by how the rule begins.
KINDS = {
    "/<any(it, en):lang>/register/<id:id_>": "organisation",
    "/<any(it, en):lang>/register/listed/": "listing",
    "/api/v1/holders/": "organisation",
    "/api/v1/webhooks/": "webhook",
    "/api/v1/jobs/": "supplier_list",
    "/applications/": "application",
    "/audits/assign/": "application",
    "/audits/": "audit",
    "/certificates/": "certificate",
    "/complaints/": "complaint",
    "/decisions/": "application",
    "/dossier/": "application",
    "/id/": "organisation",
    "/keys/": "key",
    "/letters/": "letter",
    "/measures/": "measure",
    "/organisations/": "organisation",
    "/people/": "person",
    "/rechecks/": "recheck",
    "/schemes/": "certificate",
    "/suppliers/": "supplier_list",
    "/watches/": "organisation",
    "/watches/lists/": "supplier_list",
    "/watches/webhooks/": "webhook",
}
#: Its owner tries a draft on holders; the first edition took nothing from anybody.
DRAFT = "2026"
WORDS = {
    "lang": "it",
    "language": "it",
    "scheme": "impact",
    "edition": "2022",
    "old": "2022",
    "new": DRAFT,
    "filename": "registry.css",
    "section": "revision",
    "kind": "revision_paper",
    "token": "nothing",
    "purpose": "revocation",
    "size": "128",
}


def rules(app: Flask) -> list[Rule]:
    """All rules, in the order of their addresses."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def kind_of(rule: Rule) -> str | None:
    """The kind of thing a rule shows, if it shows one."""
    if "<id:" not in rule.rule:
        return None
    return next(
        kind
        for start, kind in sorted(KINDS.items(), key=lambda pair: -len(pair[0]))
        if rule.rule.startswith(start)
    )


def of(rule: Rule, side: Side) -> Iterator[str]:
    """The addresses of a rule for each thing of one side."""
    kind = kind_of(rule)
    if kind is None:
        yield filled(rule, number=side.numbers[0])
        return
    for id_ in side.things.get(kind, []):
        piece = side.pieces.get((kind, id_), MISSING)
        yield filled(rule, id_, piece, number=side.numbers[0])


def one(rule: Rule, world: World) -> str:
    """The first address of a rule: something stands there, if anything can."""
    found = next(islice(of(rule, world.own), 1), None)
    return found or missing(rule)


def missing(rule: Rule) -> str:
    """The address of something that never was."""
    return filled(rule, MISSING, MISSING)


def filled(
    rule: Rule, id_: int = MISSING, piece: int = MISSING, *, number: str = "nothing"
) -> str:
    """The rule with a word in each place."""
    words = WORDS | {"number": number, "name": name_in(rule)}
    if rule.rule.startswith("/schemes"):
        words["edition"] = DRAFT

    def word(match: re.Match[str]) -> str:
        converter, _, name = match[1].rpartition(":")
        if converter == "id":
            return str(piece if name in ("piece_id", "representation_id") else id_)
        if name in words:
            return words[name]
        choice = re.search(r"\(\s*['\"]?([\w-]+)", converter)
        return choice[1] if choice else "nothing"

    return re.sub(r"<([^>]*)>", word, rule.rule)


def name_in(rule: Rule) -> str:
    """`name` is a criterion of a case, else an act on what the address begins with."""
    if rule.rule.startswith("/typefaces"):
        return "nothing"
    if rule.rule.startswith("/schemes"):
        return "consult"
    if rule.rule.startswith("/watches"):
        return "off"
    if rule.rule.startswith("/complaints"):
        return "admit"
    return "revision" if "/criteria/<name>" in rule.rule else "suspend"

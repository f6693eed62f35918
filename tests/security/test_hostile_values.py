"""Whatever is typed, wherever: an answer in words, never a fault, never run."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.accounts.models import Role
from tests.security import addresses
from tests.security.world import ROLES, World

CANARY = "<q7x\"'>"
HOSTILE = {
    "markup": CANARY,
    "huge": "9" * 31,
    "negative": "-1",
    "beyond an integer": str(2**31),
    "infinite": "1e309",
    "not a number": "NaN",
    "no such day": "2026-02-30",
    "a day too far": "99999-01-01",
    "right to left": "Rossi\u202e<q7x",
    "nothing": "\x00",
    "control": "a\x1b[31m\r\nSet-Cookie: a=b",
    "long": "à" * 10_000,
    "quote": "' OR 1=1 --%_\\",
    "template": "{{7*7}}{% raw %}${7*7}",
    "json": '{"a": [1, null]}',
    "half a letter": "%ff%fe",
    "empty": "",
    "emoji": "👩‍👩‍👧‍👦" * 40,
}
#: Shares no divisor with the number of values: six turns show each name six of them.
STEP = 5
#: Every name of a query the code reads, and some it does not.
ASKED = (
    *("q", "page", "state", "lang", "province", "kind", "sector", "status", "vat"),
    *("tax_code", "albo", "certificate", "number", "month", "next", "scheme", "role"),
    *(
        "organisation",
        "organisation_id",
        "sort",
        "v",
        "edition",
        "on",
        "from",
        "remove",
    ),
)
QUESTIONS = {
    "/it/register": (None, ("q", "page", "province", "after", "before", "status")),
    "/it/verify": (None, ("q", "number")),
    "/api/v1/verify": (None, ("vat", "tax_code", "albo", "certificate", "on")),
    "/people": ("administrator", ("q", "page")),
    "/letters": ("secretariat", ("state", "page")),
    "/organisations": ("secretariat", ("q", "province", "kind", "page")),
    "/applications": ("secretariat", ("state", "page")),
    "/rechecks": ("secretariat", ("month",)),
    "/applications/new": ("cooperative", ("organisation",)),
}
#: Those that differ for a word in an address.
IN_ADDRESSES = (
    "markup",
    "huge",
    "nothing",
    "control",
    "quote",
    "half a letter",
    "json",
)
NAMES = re.compile(r"""<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)\"""")


def _whoever_may(app: Flask, rule: Rule) -> str | None:
    roles = getattr(app.view_functions[rule.endpoint], "open_to", ())
    found = next((role for role in ROLES if role in roles), None)
    return found and str(found)


def _problem(answer: TestResponse, what: str) -> Iterator[str]:
    if answer.status_code >= 500:
        yield f"{what}: {answer.status}"
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/html") and "<q7x" in answer.get_data(as_text=True):
        yield f"{what}: the markup is there as it was typed"
    if "Set-Cookie: a=b" in str(answer.headers):
        yield f"{what}: a header was put in"


def _encoded(value: str) -> str:
    return value if value == HOSTILE["half a letter"] else quote(value, safe="")


def turned(names: Iterable[str], by: int) -> list[tuple[str, str]]:
    """Another hostile value for each name, and others again in the next turn."""
    values = list(HOSTILE.values())
    return [
        (name, values[(number + by * STEP) % len(values)])
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("turn", range(3))
def test_a_hostile_question_is_answered_in_words(world: World, turn: int) -> None:
    pairs = turned(ASKED, turn) + turned(reversed(ASKED), turn)[:6]  # some twice
    query = "&".join(f"{name}={_encoded(value)}" for name, value in pairs)
    wrong = []
    for rule in addresses.rules(world.app):
        if "GET" not in addresses.methods(rule) or rule.endpoint == "static":
            continue
        who = _whoever_may(world.app, rule)
        path = addresses.one(rule, world)
        with world.browser(who).get(f"{path}?{query}") as answer:
            wrong += _problem(answer, path)
    assert not wrong, wrong


def test_each_question_alone_is_answered_in_words(world: World) -> None:
    """One wrong filter must not hide another: the first refused would end it."""
    wrong = []
    for path, (who, keys) in QUESTIONS.items():
        for key in keys:
            for name, value in HOSTILE.items():
                with world.browser(who).get(f"{path}?{key}={_encoded(value)}") as page:
                    wrong += _problem(page, f"{path}?{key}={name}")
    assert not wrong, wrong


@pytest.mark.parametrize("name", IN_ADDRESSES)
def test_a_hostile_address_is_answered_in_words(world: World, name: str) -> None:
    value = _encoded(HOSTILE[name])
    wrong = []
    for rule in addresses.rules(world.app):
        who = _whoever_may(world.app, rule)
        whole = addresses.one(rule, world)
        pattern = re.sub(r"<[^>]*>", "([^/]*)", re.sub(r"([.?])", r"\\\1", rule.rule))
        filled = re.fullmatch(pattern.replace("([^/]*)/static", "/static"), whole)
        for number in range(1, (filled.re.groups if filled else 0) + 1):
            start, end = filled.span(number) if filled else (0, 0)
            path = whole[:start] + value + whole[end:]
            for method in addresses.methods(rule):
                with world.browser(who).open(path, method=method) as answer:
                    wrong += _problem(answer, f"{method} {rule.rule}")
                if method != "GET" and answer.status_code < 400:
                    world.reset()
    assert not wrong, wrong


def forms(world: World) -> Iterator[tuple[str | None, str, set[str]]]:
    """Each address that takes a form: who, where, and the names of its fields."""
    for rule in addresses.rules(world.app):
        if "POST" not in addresses.methods(rule) or rule.rule == "/sign-out":
            continue
        who = _whoever_may(world.app, rule)
        has_page = "GET" in addresses.methods(rule)
        for path in addresses.of(rule, world.own):
            names: set[str] = set()
            if has_page:
                with world.browser(who).get(path) as page:
                    if page.status_code != 200:
                        continue
                    names = set(NAMES.findall(page.get_data(as_text=True)))
            yield who, path, names | {"reason", "reasons", "role", "name"}
            if has_page:
                break


@pytest.fixture(scope="module")
def known(built_world: World) -> list[tuple[str | None, str, set[str]]]:
    built_world.reset()
    return list(forms(built_world))


@pytest.mark.parametrize("turn", range(6))
def test_a_hostile_form_is_refused_in_words(
    world: World, known: Any, turn: int
) -> None:
    wrong = []
    for who, path, names in known:
        form = MultiDict(turned(sorted(names - {"revision"}), turn))
        for key in tuple(form)[:3]:  # the same field twice
            form.add(key, CANARY)
        answer = world.browser(who).post(path, data=form)
        wrong += _problem(answer, f"{path} {sorted(names)}")
        if answer.status_code < 400:
            for after in (answer.location, "/desk"):
                if after and after.startswith("/"):
                    with world.browser(who).get(after) as page:
                        wrong += _problem(page, f"{after} after {path}")
            world.reset()
    assert not wrong, wrong


def test_one_hostile_field_among_right_ones_is_refused_in_words(
    world: World, known: Any
) -> None:
    """The others keep what their page offers, so that the operation is reached."""
    wrong = []
    for who, path, names in known:
        with world.browser(who).get(path) as page:
            right = _offered(page.get_data().decode(errors="ignore"))
        for key in sorted(names):
            for value in (CANARY, HOSTILE["nothing"]):
                answer = world.browser(who).post(path, data=right | {key: value})
                wrong += _problem(answer, f"{path} {key}={value[:9]!r}")
                if answer.status_code < 400:
                    world.reset()
    assert not wrong, wrong


def _offered(page: str) -> dict[str, str]:
    """The values a page's controls have, roughly as a browser would send them."""
    found = dict(re.findall(r'<input\b[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    found.pop("remove", None)
    for name, first in re.findall(
        r'<select\b[^>]*name="([^"]+)"[^>]*>.*?<option[^>]*value="([^"]+)"', page, re.S
    ):
        found[name] = first
    for name in re.findall(r'<textarea\b[^>]*name="([^"]+)"', page):
        found[name] = "Testo."
    return found


@pytest.mark.parametrize("path", ["/it/register?q=", "/it/verify?number="])
def test_a_megabyte_in_an_address_is_answered(world: World, path: str) -> None:
    assert world.browser().get(path + "x" * 1_000_000).status_code < 500


def test_a_megabyte_in_a_field_is_answered(world: World, known: Any) -> None:
    wrong = []
    for who, path, names in known:
        form = dict.fromkeys(sorted(names)[:1], "x" * 1000000)
        answer = world.browser(who).post(path, data=form)
        wrong += _problem(answer, path)
        if answer.status_code < 400:
            world.reset()
    assert not wrong, wrong


def test_what_is_no_form_is_refused(world: World, known: Any) -> None:
    wrong = []
    for who, path, _ in known:
        for kind, body in (
            ("application/json", b'{"name": {"a": 1}}'),
            ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
            ("multipart/form-data", b"no boundary"),
            ("application/x-www-form-urlencoded", b"%ff=%fe&&==&name=%00"),
            ("text/plain", b"name=a"),
        ):
            answer = world.browser(who).post(path, data=body, content_type=kind)
            wrong += _problem(answer, f"{path} {kind}")
            if answer.status_code < 400:
                world.reset()
    assert not wrong, wrong


@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/%2F%2Fevil.example",
     "///evil.example", "\\\\evil.example", "http:evil.example", "/\tevil.example",
     "javascript:alert(1)", "https:///evil.example", "//evil.example/%2e%2e",
     "/desk\r\nLocation: //evil.example", "http://localhost@evil.example"],
)  # fmt: skip
def test_nobody_is_led_away_after_signing_in(world: World, onward: str) -> None:
    from urllib.parse import urlsplit

    from flask_security import hash_password

    from registry.accounts.models import User
    from registry.db import db

    with world.inside():
        user = db.session.get_one(User, world.people[Role.COOPERATIVE.value])
        user.password, email = hash_password("quattro cavalli blu"), user.email
        db.session.commit()
    form = {"email": email, "password": "quattro cavalli blu", "next": onward}
    answer = world.browser().post(f"/sign-in?next={quote(onward)}", data=form)
    place = urlsplit(answer.headers.get("Location", "/").replace("\\", "/"))
    assert place.netloc in ("", "localhost"), answer.headers["Location"]
    assert place.scheme in ("", "http")
    assert not place.path.startswith("//")

"""Every address, as everybody: what the answer says to the browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from registry.accounts.models import User
from registry.db import Model, db
from registry.journal.models import Entry
from registry.mail.jobs import compose
from registry.mail.models import Letter
from tests.security import addresses
from tests.security.world import ROLES, World

VISITOR = "visitor"
EVERYBODY = [VISITOR, *(role.value for role in ROLES)]
HTTPS = "https://localhost"
#: A file handed over runs nothing at all.
SANDBOX = "default-src 'none'; sandbox"


@dataclass
class Crawl:
    """Every GET as somebody, and what the database held before and after."""

    answers: list[tuple[str, TestResponse]]
    before: dict[str, int]
    after: dict[str, int]
    verbs: set[str]


def crawl(
    world: World, who: str, *, base_url: str = "http://localhost"
) -> Iterator[tuple[str, TestResponse]]:
    """Every GET as somebody: of something there, of another's and of nothing."""
    for rule in addresses.rules(world.app):
        if "GET" not in addresses.methods(rule):
            continue
        mine = next(addresses.of(rule, world.own), None)
        theirs = next(addresses.of(rule, world.foreign), None)
        for path in dict.fromkeys((mine, theirs, addresses.missing(rule))):
            if path:
                with world.browser(who).get(path, base_url=base_url) as answer:
                    answer.get_data()
                yield path, answer


@pytest.fixture(scope="module")
def crawled(built_world: World) -> Callable[[str], Crawl]:
    """What everybody sees, looked at once."""

    @cache
    def look(who: str) -> Crawl:
        built_world.reset()
        before = _counted(built_world)
        answers = list(crawl(built_world, who))
        return Crawl(
            answers, before, _counted(built_world), _verbs(built_world, before)
        )

    return look


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_answer_is_safe_by_its_headers(
    crawled: Callable[[str], Crawl], who: str
) -> None:
    wrong = [
        f"{path} ({answer.status}): {problem}"
        for path, answer in crawled(who).answers
        for problem in _problems(answer)
    ]
    assert not wrong, "\n".join(wrong)
    shown = [path for path, answer in crawled(who).answers if answer.status_code == 200]
    assert len(shown) > 20  # else nothing was looked at


def _problems(answer: TestResponse) -> Iterator[str]:
    said = answer.headers
    policy = said.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield f"policy {policy}"
    if policy != SANDBOX and "frame-ancestors 'none'" not in policy:
        yield "may be framed"
    for name, value in (
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if said.get(name) not in (value, "no-referrer"):
            yield f"{name}: {said.get(name)}"
    if said.get("Cross-Origin-Resource-Policy") not in ("same-origin", "cross-origin"):
        yield "no Cross-Origin-Resource-Policy"
    if "camera=()" not in said.get("Permissions-Policy", ""):
        yield "no Permissions-Policy"
    if answer.status_code >= 500:
        yield "a fault"
    kind = said.get("Content-Type", "")
    textual = kind.startswith(("text/", "application/xml"))
    if answer.data and (not kind or (textual and "charset=utf-8" not in kind)):
        yield f"Content-Type: {kind}"
    if "Server" in said or "X-Powered-By" in said:
        yield "tells what it runs on"
    if said.get("Access-Control-Allow-Credentials"):
        yield "lets other sites read with cookies"


@pytest.mark.parametrize("who", EVERYBODY)
def test_what_is_made_for_one_person_is_never_kept(
    world: World, crawled: Callable[[str], Crawl], who: str
) -> None:
    name = world.app.config["SESSION_COOKIE_NAME"]
    wrong = []
    for path, answer in crawled(who).answers:
        rule = _rule(world, path)
        private = bool(getattr(world.app.view_functions.get(rule), "open_to", ()))
        kept = "no-store" not in answer.headers.get("Cache-Control", "")
        if kept and (private or answer.headers.getlist("Set-Cookie")):
            wrong.append(f"{path} ({answer.status}) may be kept")
        if private and "Cookie" not in answer.headers.get("Vary", ""):
            wrong.append(f"{path} ({answer.status}) does not vary by {name}")
    assert not wrong, "\n".join(wrong)


def _rule(world: World, path: str) -> str:
    try:
        return str(world.app.url_map.bind("localhost").match(path)[0])
    except HTTPException:
        return ""


@pytest.mark.parametrize("who", EVERYBODY)
def test_looking_changes_nothing(crawled: Callable[[str], Crawl], who: str) -> None:
    """ASVS 3.5.3; a download of evidence is written in the journal, and only that."""
    seen = crawled(who)
    changed = {name for name in seen.before if seen.before[name] != seen.after[name]}
    assert changed <= {"journal"}
    assert seen.verbs <= {"evidence.read", "evidence.downloaded"}, seen.verbs


def _counted(world: World) -> dict[str, int]:
    with world.inside():
        return {
            table.name: db.session.scalars(
                select(func.count()).select_from(table)
            ).one()
            for table in Model.metadata.sorted_tables
        } | {
            f"{table.name}.revision": db.session.scalars(
                select(func.coalesce(func.sum(table.c.revision), 0))
            ).one()
            for table in Model.metadata.sorted_tables
            if "revision" in table.c
        }


def _verbs(world: World, before: dict[str, int]) -> set[str]:
    with world.inside():
        found = select(Entry.verb).order_by(Entry.id).offset(before["journal"])
        return set(db.session.scalars(found))


def test_over_https_browsers_are_told_never_to_come_back_without(world: World) -> None:
    wrong = [
        path
        for path, answer in crawl(world, VISITOR, base_url=HTTPS)
        if answer.headers.get("Strict-Transport-Security")
        != "max-age=31536000; includeSubDomains"
    ]
    assert not wrong


@pytest.mark.parametrize("verb", ["TRACE", "PROPFIND", "PUT", "DELETE", "PATCH"])
def test_verbs_nobody_declared_do_nothing(world: World, verb: str) -> None:
    wrong = []
    rules = addresses.rules(world.app)
    declared = {rule.rule for rule in rules if verb in (rule.methods or ())}
    for rule in (one for one in rules if one.rule not in declared):
        answer = world.browser("secretariat").open(
            addresses.one(rule, world), method=verb
        )
        if answer.status_code != 405:
            wrong.append(f"{verb} {rule.rule}: {answer.status}")
    assert not wrong, wrong


@pytest.mark.parametrize(
    "path",
    ["/.git/HEAD", "/.git/config", "/static/", "/static", "/static/../settings.py",
     "/static/..%2fsettings.py", "/.env", "/var/registry.sqlite", "/server-status",
     "/account/x.css", "/desk/x.css", "/metrics", "/console", "/typefaces/"],
)  # fmt: skip
def test_nothing_lies_about(world: World, path: str) -> None:
    assert world.browser("administrator").get(path).status_code == 404


def test_no_answer_names_a_host_but_ours(world: World) -> None:
    """ASVS: a forged Host reaches no link, letter or picture (threat 18)."""
    wrong = []
    for rule in addresses.rules(world.app):
        if "GET" not in addresses.methods(rule):
            continue
        for who in (VISITOR, "secretariat", "cooperative"):
            path = addresses.one(rule, world)
            with world.browser().get(path, headers={"Host": "evil.example"}) as answer:
                told = answer.get_data(as_text=False) + str(answer.headers).encode()
            if b"evil.example" in told:
                wrong.append(f"{who} {path}")
    assert not wrong, wrong


def test_a_letter_asked_for_under_a_forged_name_leads_to_us(world: World) -> None:
    with world.inside():
        user = db.session.get_one(User, world.people["cooperative"])
        user.password = "set"
        email = user.email
        db.session.commit()
    world.browser().post(
        "/reset-password", data={"email": email}, headers={"Host": "evil.example"}
    )
    with world.inside():
        letter = db.session.scalars(
            select(Letter).where(Letter.event == "accounts/reset")
        ).one()
        assert "evil.example" not in compose(letter, letter.body or "").as_string()


def test_programs_of_other_sites_never_read_with_our_cookies(world: World) -> None:
    for rule in addresses.rules(world.app):
        if "GET" not in addresses.methods(rule):
            continue
        with world.browser("secretariat").get(
            addresses.one(rule, world), headers={"Origin": "https://evil.example"}
        ) as answer:
            allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed in (None, "*"), rule.rule
        if allowed:  # what everyone may open anyway
            view = world.app.view_functions[rule.endpoint]
            assert getattr(view, "open_to", None) == (), rule.rule

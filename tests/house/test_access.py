"""Nobody opens what is not theirs: the matrix is the code's; every cell is tried."""

import pytest
from werkzeug.routing import Rule

from tests.house.access import (
    ANY,
    FILE,
    NONE,
    OWN,
    PEOPLE,
    VISITOR,
    ask,
    cell,
    is_reached,
    kept,
    refused,
)
from tests.security import addresses
from tests.security.world import NO_FACTOR, SHUT_OUT, World

#: One's own password and codes: part of setting up a second factor.
CREDENTIALS = {
    (NO_FACTOR, f"/account/{page}")
    for page in ("confirm-password", "password", "recovery-codes")
} | {(NO_FACTOR, "/account/second-factor/<token>")}
AGAIN = "If it was meant: python -m tests.house.access"
#: The steps of signing in and out lead to the sign-in by their nature; the demo's own
#: door refuses everyone outside the demo; a link of a letter opens by what is in it;
#: a new application is one of an organisation, and none is named here; receipts and the
#: files of a night are open to everyone and tried with their rooms.
APART = (
    *("/sign-in", "/sign-out", "/account/sign-out-everywhere", "/demo/"),
    *("/account/second-factor", "/reset-password/", "/invitation/", "/typefaces/"),
    "/applications/new",
    *("/receipts/<number>", "/api/v1/receipts/<number>", "/dumps/<night>"),
    "/watches/calendar/",  # a secret address opens by what is in it
)


def rules_of(world: World) -> dict[tuple[str, str], Rule]:
    return {
        (rule.rule, method): rule
        for rule in addresses.rules(world.app)
        for method in addresses.methods(rule)
    }


def test_the_matrix_lists_every_address(world: World) -> None:
    listed = {(row["rule"], row["method"]) for row in kept()}
    assert listed == set(rules_of(world)), f"{FILE.name} is out of date. {AGAIN}"


@pytest.mark.parametrize("who", PEOPLE)
def test_everyone_opens_what_the_matrix_says(world: World, who: str) -> None:
    known = rules_of(world)
    wrong = []
    for row in kept():
        rule = known[row["rule"], row["method"]]
        if is_public(row, who):
            continue
        found = cell(world, rule, row["method"], who)
        if found != row[who]:
            wrong.append(f"{row['method']} {rule.rule}: {found or 'none'}")
    assert not wrong, f"Who may open what has changed: {wrong}. {AGAIN}"


@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_ones_own_opens_and_the_rest_is_refused(world: World, who: str) -> None:
    known = rules_of(world)
    wrong = []
    for row in kept():
        rule, method = known[row["rule"], row["method"]], row["method"]
        if rule.rule.startswith(APART) or is_public(row, who):
            continue
        answers = (ask(world, method, path, who) for path in _mine(rule, world))
        if row[who] == NONE:
            right = all(refused(answer) for answer in answers)
        else:
            right = any(is_reached(answer) for answer in answers)
        if not right:
            wrong.append(f"{method} {rule.rule}")
    assert not wrong, wrong


def _mine(rule: Rule, world: World) -> list[str]:
    return list(addresses.of(rule, world.own))


def is_public(row: dict[str, str], who: str) -> bool:
    """Open to the whole world: trying it once, as a visitor, is enough."""
    return who != VISITOR and row["visitor"] == ANY


@pytest.mark.parametrize("who", PEOPLE)
def test_what_is_anothers_reads_as_if_it_were_not_there(world: World, who: str) -> None:
    known = rules_of(world)
    wrong = []
    for row in kept():
        if row[who] != OWN or is_public(row, who):
            continue
        rule, method = known[row["rule"], row["method"]], row["method"]
        never = ask(world, method, addresses.missing(rule), who)
        for path in addresses.of(rule, world.foreign):
            theirs = ask(world, method, path, who)
            if (theirs.status, theirs.text) != (never.status, never.text):
                wrong.append(f"{method} {path}: {theirs.status}, not {never.status}")
    assert not wrong, wrong


@pytest.mark.parametrize("who", SHUT_OUT)
def test_nothing_opens_without_second_factor_or_a_live_sign_in(
    world: World, who: str
) -> None:
    """With every role: what shuts these people out is not a role that they lack."""
    door = "/account/second-factor" if who == NO_FACTOR else "/sign-in"
    wrong = []
    for row in kept():
        if row["visitor"] == ANY or (who, row["rule"]) in CREDENTIALS:
            continue
        rule = rules_of(world)[row["rule"], row["method"]]
        answer = ask(world, row["method"], addresses.one(rule, world), who)
        if (answer.location or "").partition("?")[0] != door:
            wrong.append(f"{row['method']} {rule.rule}: {answer.status}")
    assert not wrong, wrong

"""Every address says who may open it."""

from flask import Flask


def test_every_route_says_who_may_open_it(app: Flask) -> None:
    silent = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"  # Flask's own, for style sheets and pictures
        and not hasattr(app.view_functions[rule.endpoint], "open_to")
    )
    assert not silent, f"Add @open_to(Role.…) or @open_to_everyone: {silent}"


def test_no_address_takes_an_unbounded_number(app: Flask) -> None:
    wrong = sorted(
        rule.rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule
    )
    assert not wrong, f"Use <id:…>: SQLite fails on 10^30 with a 500: {wrong}"


def test_public_addresses_carry_their_language_or_need_none(app: Flask) -> None:
    wrong = sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("public.")
        and "lang" not in rule.arguments
        and rule.rule.startswith(("/it/", "/en/"))
    )
    assert not wrong, f"Let the blueprint's /<any(it, en):lang> say it: {wrong}"

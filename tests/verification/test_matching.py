"""Names as buyers write them, and whom they mean: with the cases that are hard."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from registry.accounts.models import Role
from registry.certificates import operations as certificates
from registry.clock import FixedClock
from registry.db import db as database
from registry.organisations import operations as organisations
from registry.verification import matching
from registry.verification.matching import Names, candidates, candidates_of
from registry.verification.names import likeness, taken_apart
from tests import factories
from tests.public.stories import certified
from tests.public.test_register import listed

THERE = (
    "Il Ginepro Società Cooperativa Sociale",
    "Il Ginepro Due Società Cooperativa Sociale",
    "Arcobaleno Cooperativa Sociale Onlus",
    "Solidarietà 2000 Società Cooperativa Sociale",
    "C.S.A. Cooperativa Servizi Assistenziali",
    "Consorzio Terra Buona Società Cooperativa Sociale",
    "L'Albero della Vita Cooperativa Sociale",
    "Nuova Vita Società Cooperativa Sociale a r.l.",
    "Lavoro e Servizi Società Cooperativa",
    "Servizi Lavoro Bergamo Società Cooperativa",
    "La Perlìta Soc. Coop. Sociale",
)


def even(word: str) -> float:
    return 1.0


def alike(typed: str, there: str) -> int:
    return likeness(taken_apart(typed), taken_apart(there), even)


@pytest.mark.parametrize(
    "written",
    [
        "IL GINEPRO SOCIETÀ COOPERATIVA SOCIALE",
        "Il Ginepro - Soc. Coop. Soc.",
        "Ginepro, Il - S.C.S. a r.l. ONLUS",
        "Cooperativa sociale Il Ginepro",
        "il ginepro coop. sociale a responsabilità limitata",
        "IL GINEPRO SOC.COOP.SOCIALE - IMPRESA SOCIALE",
    ],
)
def test_the_legal_form_may_be_written_in_any_way(written: str) -> None:
    assert alike(written, THERE[0]) == 100


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("Il Ginepro", THERE[0]),
        ("Il Ginepor coop soc", THERE[0]),
        ("Ilginepro scs", THERE[0]),
        ("Arcobalano", THERE[2]),
        ("CSA Cooperativa Servizi Assistenziali", THERE[4]),
        ("C.S.A. coop. serv. assistenziali", THERE[4]),
        ("cons. Terra Buona", THERE[5]),
        ("Albero della Vita", THERE[6]),
        ("La Perlita", THERE[10]),
        ("Soldiarietà 2000", THERE[3]),
    ],
)
def test_slips_and_short_forms_are_still_the_same(written: str, there: str) -> None:
    assert alike(written, there) >= 85


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("Il Ginepro S.r.l.", THERE[0]),
        ("Il Ginepro Associazione", THERE[0]),
        ("Il Ginepro coop. sociale", THERE[1]),
        ("Consorzio Il Ginepro", THERE[0]),
        ("Terra Buona coop. sociale", THERE[5]),
        ("Solidarietà 90 coop. sociale", THERE[3]),
        ("Vita Nuova Albero", THERE[7]),
        ("Cooperativa Sociale", THERE[2]),
        ("Albero Verde", THERE[6]),
        ("Lavoro e Servizi Brescia", THERE[9]),
        ("Arcobaleno Azzurro coop. sociale", THERE[2]),
    ],
)
def test_others_of_nearly_the_same_name_are_not_taken_for_it(
    written: str, there: str
) -> None:
    assert alike(written, there) < 85


@pytest.mark.parametrize("junk", ["", " ", "…", "s.p.a.", "1", "x" * 5000, "\0", "😀"])
def test_nonsense_is_like_nobody(app: Flask, junk: str) -> None:
    certified(THERE[0])
    database.session.commit()
    assert candidates(junk) == []


def test_the_likeliest_comes_first_and_each_once(app: Flask) -> None:
    made = [certified(name).organisation for name in THERE[:2]]
    listed("Il Ginepro", organisation=made[0])
    database.session.commit()
    found = candidates("Il Ginepro cooperativa sociale", min_score=60)
    assert [one.organisation_id for one in found] == [one.id for one in made]
    assert found[0].score == 100
    assert found[0].field in {"legal_name", "published_name"}
    assert found[0].score > found[1].score


def test_a_former_name_still_leads_to_who_bore_it(
    app: Flask, clock: FixedClock
) -> None:
    made = certified(THERE[0]).organisation
    keeper, at = factories.person(Role.SECRETARIAT), clock.now()
    organisations.change(made, {"name": "Radici Società Cooperativa Sociale"},
                         by=keeper, at=at)  # fmt: skip
    database.session.commit()
    (found,) = candidates("Il Ginepro soc. coop. soc.")
    assert (found.field, found.matched) == ("former_name", THERE[0])
    assert found.legal_name == "Radici Società Cooperativa Sociale"
    (now,) = candidates("Radici")
    assert now.field == "legal_name"


def test_the_place_tells_apart_those_of_one_name(app: Flask, clock: FixedClock) -> None:
    here = certified("Arcobaleno Cooperativa Sociale", town="Treviglio", province="BG")
    far = certified("Arcobaleno Cooperativa Sociale", town="Lecce", province="LE")
    organisations.describe(far.organisation,
                           seats=[{"town": "Maglie", "province": "LE"}],
                           by=factories.person(Role.SECRETARIAT),
                           at=clock.now() + timedelta(minutes=1))  # fmt: skip
    database.session.commit()
    name = "Arcobaleno coop. sociale"
    assert [one.score for one in candidates(name)] == [100, 100]
    (found,) = candidates(name, province="BG", min_score=95)
    assert found.organisation_id == here.organisation_id
    found, other = candidates(name, "Maglie", "LE")
    assert found.organisation_id == far.organisation_id
    assert found.score == 100
    assert other.score < 90
    assert candidates(name, "Bari", "BA", min_score=90) == []


def test_nobody_outside_the_public_register_is_found(app: Flask) -> None:
    factories.organisation(name=THERE[0])
    factories.submitted(factories.organisation(name=THERE[2]))
    database.session.commit()
    assert candidates("Il Ginepro", min_score=1) == []
    assert candidates("Arcobaleno", min_score=1) == []


def test_a_name_certified_a_moment_ago_is_found(app: Flask) -> None:
    assert candidates("Il Ginepro") == []
    certified(THERE[0])
    database.session.commit()
    assert len(candidates("Il Ginepro")) == 1


def test_names_are_read_again_only_after_one_has_changed(
    app: Flask, clock: FixedClock
) -> None:
    made = certified(THERE[0])
    database.session.commit()
    before, at = matching.names(), clock.now() + timedelta(minutes=1)
    by = factories.person(Role.COMMITTEE)
    certificates.suspend(made, "suspended_misuse", by=by, at=at)
    database.session.commit()
    assert matching.names() is before
    keeper = factories.person(Role.SECRETARIAT)
    organisations.change(made.organisation, {"name": THERE[2]}, by=keeper, at=at)
    database.session.commit()
    assert matching.names() is not before
    assert candidates("Arcobaleno")[0].field == "legal_name"


def test_many_names_are_answered_as_one_by_one(app: Flask) -> None:
    for name in THERE:
        certified(name)
    database.session.commit()
    wanted: list[Any] = [(name, None, None) for name in THERE]
    wanted += [("Il Ginepor", None, "BG"), ("nobody at all", "Bari", "BA"), wanted[0]]
    found = list(candidates_of(wanted))
    assert found == [candidates(*one) for one in wanted]
    assert [those[0].matched for those in found[: len(THERE)]] == list(THERE)


def test_the_cost_of_a_name_does_not_grow_with_its_common_words(app: Flask) -> None:
    """A word that everybody bears is passed over where another tells more."""
    bearers = [
        matching.Bearer(
            number, name, name, "legal_name", "Bari", "BA", taken_apart(name)
        )
        for number in range(matching.MOST_BEARERS + 50)
        for name in [f"Servizi Numero{number} Società Cooperativa"]
    ]
    known = Names(bearers, {})
    typed = taken_apart("Servizi Numero77 soc. coop.")
    assert len(list(known._near(typed))) <= matching.MOST_COMPARED + 1
    found = known.candidates("Servizi Numero77 soc. coop.", None, None, 99)
    assert [one.organisation_id for one in found] == [77]

"""A watch-list is of hashes only: nobody reads from it whom a company buys from."""

import json

import pytest
from sqlalchemy import select

from registry.accounts.models import Role
from registry.db import Model
from registry.verification.questions import recognised
from registry.watches import operations, queries, rules
from registry.watches.models import Telling, Watched
from registry.watches.secrecy import Secrecy
from tests import factories
from tests.watches.conftest import a_company

VAT = ("vat", "07945211006")


@pytest.fixture
def watch(company, buyer, secrecy, clock):
    def add(*identifiers):
        return operations.watch(
            company, identifiers, secrecy=secrecy, by=buyer, at=clock.now()
        )

    return add


def names(company, secrecy, clock):
    found = queries.suppliers(company, secrecy, clock.now().date())
    return [one.name for one in found]


def test_what_is_watched_twice_is_kept_once(watch, company):
    assert watch(VAT, ("albo", "A122855")) == 2
    assert watch(VAT) == 0
    assert queries.size(company) == 2


def test_partita_iva_and_codice_fiscale_with_the_same_digits_are_one(watch):
    assert watch(("vat", VAT[1]), ("tax_code", VAT[1])) == 1


def test_no_row_of_the_database_shows_an_identifier_or_the_same_mark_twice(
    watch, secrecy, clock, db
):
    watch(VAT, ("albo", "A122855"))
    other = a_company()
    by = factories.representative(other)
    operations.watch(other, [VAT], secrecy=secrecy, by=by, at=clock.now())
    db.session.flush()
    marks = db.session.scalars(select(Watched.mark)).all()
    assert len(set(marks)) == 3
    for table in Model.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            said = json.dumps([str(cell) for cell in row])
            assert VAT[1] not in said, table.name
            assert "A122855" not in said, table.name


def test_without_the_key_of_the_installation_marks_cannot_be_tried(
    secrecy, tmp_path, company
):
    other = Secrecy(tmp_path / "elsewhere")
    word = rules.word(*VAT)
    assert secrecy.marker(company.id)(word) != other.marker(company.id)(word)
    again = Secrecy(tmp_path / "keys")
    assert secrecy.marker(company.id)(word) == again.marker(company.id)(word)
    assert (tmp_path / "keys" / "watches.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("by", ["vat", "albo", "certificate"])
def test_a_holder_is_named_under_whichever_number_it_is_watched(
    by, watch, certificate, holder, company, secrecy, clock
):
    assert names(company, secrecy, clock) == []
    value = {"vat": holder.vat, "albo": holder.albo, "certificate": certificate.number}
    watch((by, value[by]))
    [found] = queries.suppliers(company, secrecy, clock.now().date())
    assert (found.name, found.number) == (holder.name, certificate.number)
    assert found.standing.code == "valid"


def test_another_company_does_not_see_it(watch, holder, secrecy, clock):
    watch(("vat", holder.vat))
    assert names(a_company(), secrecy, clock) == []


def test_a_supplier_is_taken_out_by_number_or_by_name(
    watch, holder, company, buyer, secrecy, clock
):
    hands = {"secrecy": secrecy, "by": buyer, "at": clock.now()}
    watch(VAT, ("vat", holder.vat), ("albo", holder.albo))
    assert operations.unwatch(company, [VAT], **hands) == 1
    assert operations.unwatch(company, [VAT], **hands) == 0
    assert operations.unwatch_holder(company, holder, **hands) == 2
    assert queries.size(company) == 0


def test_everything_is_erased_at_once(watch, company, buyer, secrecy, clock):
    watch(VAT)
    operations.open_calendar(company, by=buyer, at=clock.now())
    operations.erase(company, by=buyer, at=clock.now())
    assert queries.size(company) == 0
    assert queries.list_of(company).calendar_sha256 is None


def test_only_who_speaks_for_the_company_touches_its_list(
    watch, company, secrecy, clock
):
    watch(VAT)
    for role in (Role.COMPANY, Role.SECRETARIAT, Role.ADMINISTRATOR):
        by, at = factories.person(role), clock.now()
        for act in (
            lambda by=by, at=at: operations.watch(
                company, [VAT], secrecy=secrecy, by=by, at=at
            ),
            lambda by=by, at=at: operations.unwatch(
                company, [VAT], secrecy=secrecy, by=by, at=at
            ),
            lambda by=by, at=at: operations.erase(company, by=by, at=at),
            lambda by=by, at=at: operations.choose(
                company, Telling.NEVER, by=by, at=at
            ),
            lambda by=by, at=at: operations.open_calendar(company, by=by, at=at),
        ):
            with pytest.raises(operations.NotYourList):
                act()


def test_a_list_has_an_end(watch, monkeypatch):
    monkeypatch.setattr(rules, "MOST_WATCHED", 1)
    with pytest.raises(rules.TooMany):
        watch(VAT, ("albo", "A122855"))


def test_identifiers_are_typed_in_any_spelling():
    typed = "IT 07945211006\n\nA122855; a-122856,\nalbo A 122857"
    found = rules.typed_identifiers(typed)
    assert found == [
        ("vat", "07945211006"),
        ("albo", "A122855"),
        ("albo", "A122856"),
        ("albo", "A122857"),
    ]
    assert all(recognised(value) == (by, value) for by, value in found)


def test_what_is_no_identifier_is_told():
    with pytest.raises(rules.NotRecognised) as refused:
        rules.typed_identifiers("07945211006\n07945211007\nCooperativa Il Sole")
    assert "“07945211007”" in str(refused.value)
    assert "“Cooperativa Il Sole”" in str(refused.value)
    assert "07945211006" not in str(refused.value)

"""Who sees which certificates, and what the jobs and the public ask for."""

import pytest
from flask import Flask

from registry.accounts.models import Role
from registry.certificates import queries
from registry.certificates.jobs import reserve_granted
from registry.certificates.numbers import Number
from registry.clock import FixedClock
from registry.db import db as database
from registry.errors import NotFound
from tests import factories


def test_each_sees_their_own_and_staff_sees_all(app: Flask) -> None:
    first, second = factories.certified(), factories.certified()

    def seen(person: object) -> list[int]:
        found = database.session.scalars(queries.listed(person))  # type: ignore[arg-type]
        return [certificate.id for certificate in found]

    assert seen(factories.representative(first.organisation)) == [first.id]
    for role in (Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR):
        assert seen(factories.person(role)) == [second.id, first.id]
    for role in (Role.COOPERATIVE, Role.COMPANY, Role.AUDITOR):
        assert seen(factories.person(role)) == []


def test_who_no_longer_speaks_for_the_holder_no_longer_sees_it(
    app: Flask, clock: FixedClock
) -> None:
    certificate = factories.certified()
    holder = factories.representative(certificate.organisation)
    queries.get(certificate.id, seen_by_user=holder)
    certificate.organisation.representations[0].ended_at = clock.now()
    database.session.flush()
    with pytest.raises(NotFound):
        queries.get(certificate.id, seen_by_user=holder)


def test_a_number_finds_its_certificate_only_once_it_is_issued(
    app: Flask, clock: FixedClock
) -> None:
    certificate = factories.certified()
    assert queries.by_number(Number("IMP", 2026, 1)) is certificate
    factories.decided()
    database.session.commit()
    reserve_granted(clock.now())
    for serial in (2, 3):
        with pytest.raises(NotFound):
            queries.by_number(Number("IMP", 2026, serial))


def test_the_newest_of_an_organisation_is_the_last_one_issued(app: Flask) -> None:
    certificate = factories.certified()
    holder = certificate.organisation_id
    assert queries.newest_of(holder, "impact") is certificate
    assert queries.newest_of(holder, "another") is None
    assert list(queries.of_organisation(holder)) == [certificate]

"""A company that watches, a holder, and what keeps the list unreadable."""

from dataclasses import replace

import pytest

from registry.accounts.models import Role
from registry.watches.secrecy import the_secrecy
from tests import factories
from tests.receiver import a_receiver


def a_company():
    buyer = factories.person(Role.COMPANY)
    return factories.company(buyer)


@pytest.fixture
def company(app):
    return a_company()


@pytest.fixture
def buyer(company):
    return factories.representative(company)


@pytest.fixture
def secrecy(app):
    return the_secrecy()


@pytest.fixture
def certificate(app):
    """Of a cooperative; commits."""
    return factories.certified(factories.organisation())


@pytest.fixture
def holder(certificate):
    return certificate.organisation


@pytest.fixture
def receiver(app, tmp_path):
    """A real HTTPS server of the company, behind the test's resolver and connector."""
    with a_receiver(tmp_path) as found:
        doors = app.extensions["registry"]
        app.extensions["registry"] = replace(doors, courier=found.courier())
        yield found

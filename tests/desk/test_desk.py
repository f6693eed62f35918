"""What waits for whom, and the story of a case."""

from datetime import timedelta

import pytest

from registry.accounts.models import Role
from registry.applications import operations as applications
from registry.audits import operations as audits
from registry.audits.models import Conflict
from registry.desk import waiting
from registry.organisations.models import Capacity
from registry.organisations.operations import appoint
from tests import factories


def tasks(person, editions, clock):
    found = waiting.for_person(person, editions, clock.now().date())
    return [one.task for one in found]


@pytest.fixture
def coop(app):
    return factories.organisation()


def test_each_move_of_a_case_waits_for_the_one_whose_move_it_is(
    db, clock, coop, editions
):
    speaker = factories.representative(coop)
    secretary, member = (
        factories.person(Role.SECRETARIAT),
        factories.person(Role.COMMITTEE),
    )
    auditor = factories.person(Role.AUDITOR)
    application = factories.draft(coop)
    assert tasks(speaker, editions, clock) == ["Finish your application"]

    applications.submit(application, factories.editions(), by=speaker, at=clock.now())
    assert tasks(speaker, editions, clock) == []
    assert tasks(secretary, editions, clock) == ["Accept or decline a new application"]

    applications.accept(application, factories.edition(), by=secretary, at=clock.now())
    assert tasks(secretary, editions, clock) == ["Assign an auditor"]

    audit = audits.assign(application, auditor, by=secretary, at=clock.now())
    assert tasks(secretary, editions, clock) == []
    assert tasks(auditor, editions, clock) == [
        "Say whether you have a conflict of interest"
    ]

    audits.declare(audit, Conflict.NONE, "", by=auditor, at=clock.now())
    assert tasks(auditor, editions, clock) == ["Verify the evidence and report"]

    audits.ask_completion(
        audit,
        factories.edition(),
        ["answer:revision_paper_on"],
        "Serve la data.",
        by=auditor,
        at=clock.now(),
    )
    assert tasks(auditor, editions, clock) == []
    assert tasks(speaker, editions, clock) == ["Complete what the auditor asked"]

    applications.reply(application, by=speaker, at=clock.now())
    factories.evaluate(audit, at=clock.now())
    assert tasks(member, editions, clock) == ["Decide"]
    assert tasks(auditor, editions, clock) == []


def test_a_recused_case_goes_back_to_the_secretariat(db, clock, coop, editions):
    application = factories.accepted(coop)
    auditor, secretary = (
        factories.person(Role.AUDITOR),
        factories.person(Role.SECRETARIAT),
    )
    audit = audits.assign(application, auditor, by=secretary, at=clock.now())
    audits.declare(audit, Conflict.KINSHIP, "", by=auditor, at=clock.now())
    assert tasks(secretary, editions, clock) == ["Assign an auditor"]


def test_the_oldest_deadline_stands_first(db, clock, editions):
    early = factories.submitted(at=clock.now() - timedelta(days=9))
    late = factories.submitted(at=clock.now())
    secretary = factories.person(Role.SECRETARIAT)
    found = waiting.for_person(secretary, editions, clock.now().date())
    assert [one.about for one in found] == [
        early.organisation.name,
        late.organisation.name,
    ]
    assert found[0].due_on < found[1].due_on


def test_who_decides_a_case_never_audited_it_not_even_on_the_desk(
    db, clock, coop, editions
):
    both = factories.person(Role.AUDITOR, Role.COMMITTEE)
    factories.evaluated(coop, auditor=both)
    assert tasks(both, editions, clock) == []


def test_the_desk_shows_what_waits_and_where(db, sign_in, coop):
    application = factories.draft(coop)
    client = sign_in(factories.representative(coop))
    page = client.get("/desk")
    assert page.status_code == 200
    assert f"/applications/{application.id}" in page.text


def test_an_empty_desk_explains_itself(db, sign_in):
    page = sign_in(factories.person(Role.SECRETARIAT)).get("/desk")
    assert "Nulla La aspetta" in page.text


def test_the_dossier_tells_every_act_with_who_and_when(db, sign_in, coop):
    decision = factories.decided(coop)
    client = sign_in(factories.person(Role.SECRETARIAT, name="Marta Segretaria"))
    page = client.get(f"/dossier/{decision.application_id}")
    assert page.status_code == 200
    for act in ("Presentata con protocollo", "Auditor assegnato", "Decisione presa"):
        assert act in page.text
    assert decision.decided_by.name in page.text


def test_the_applicant_reads_offices_not_the_names_of_staff(db, sign_in, coop):
    decision = factories.decided(coop)
    client = sign_in(factories.representative(coop))
    page = client.get(f"/dossier/{decision.application_id}")
    assert "Decisione presa" in page.text
    assert decision.decided_by.name not in page.text


def test_a_stranger_does_not_learn_that_a_case_exists(db, sign_in, coop):
    decision = factories.decided(coop)
    client = sign_in(factories.person())
    assert client.get(f"/dossier/{decision.application_id}").status_code == 404


def test_an_auditor_reads_the_dossier_only_after_declaring(db, sign_in, clock, coop):
    application = factories.accepted(coop)
    auditor = factories.person(Role.AUDITOR)
    audit = audits.assign(
        application, auditor, by=factories.person(Role.SECRETARIAT), at=clock.now()
    )
    client = sign_in(auditor)
    assert client.get(f"/dossier/{application.id}").status_code == 404
    audits.declare(audit, Conflict.NONE, "", by=auditor, at=clock.now())
    assert client.get(f"/dossier/{application.id}").status_code == 200


def test_speaking_for_two_organisations_shows_both(db, sign_in, coop, clock):
    other = factories.organisation(name="La Conchiglia Società Cooperativa")
    speaker = factories.representative(coop)
    appoint(
        other,
        speaker,
        Capacity.DELEGATE,
        by=factories.person(Role.SECRETARIAT),
        at=clock.now(),
    )
    page = sign_in(speaker).get("/desk")
    assert coop.name in page.text
    assert other.name in page.text

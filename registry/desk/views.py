"""The desk and the dossier."""

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from registry.accounts.access import current_person, open_to
from registry.accounts.models import SPEAKERS, Role, User
from registry.applications import queries as applications
from registry.applications.models import Application
from registry.applications.offers import offers
from registry.audits import queries as audits
from registry.audits import rules as audit_rules
from registry.certificates.queries import of_application
from registry.decisions import queries as decisions
from registry.desk import story, waiting
from registry.errors import N_, NotFound
from registry.journal import queries as journal
from registry.mail import queries as letters
from registry.organisations.queries import spoken_for_by
from registry.services import services
from registry.web.language import page_language

blueprint = Blueprint("desk", __name__)

#: Who finds what in the navigation: role, words, endpoint.
NAVIGATION: tuple[tuple[tuple[Role, ...], str, str], ...] = (
    (SPEAKERS, N_("My organisations"), "organisations.mine"),
    (
        (*SPEAKERS, Role.SECRETARIAT),
        N_("Applications"),
        "applications.index",
    ),
    (
        (*SPEAKERS, Role.SECRETARIAT, Role.COMMITTEE),
        N_("Certificates"),
        "certificates.index",
    ),
    ((Role.SECRETARIAT,), N_("Auditors and cases"), "audits.to_assign"),
    ((Role.SECRETARIAT,), N_("Organisations"), "organisations.index"),
    ((Role.SECRETARIAT,), N_("Calendar"), "rechecks.calendar"),
    ((Role.SECRETARIAT,), N_("Forecast"), "schemes.forecast"),
    ((Role.SECRETARIAT,), N_("Reports"), "complaints.index"),
    ((Role.SECRETARIAT, Role.ADMINISTRATOR), N_("Letters"), "mail.letters"),
    ((Role.AUDITOR,), N_("My audits"), "audits.index"),
    ((Role.COMMITTEE,), N_("Cases to decide"), "decisions.index"),
    ((Role.COMMITTEE,), N_("Measures"), "rechecks.measures"),
    ((Role.SCHEME_OWNER,), N_("Editions"), "schemes.index"),
    ((Role.COMPANY,), N_("Supplier lists"), "suppliers.home"),
    ((Role.COMPANY,), N_("Watched suppliers"), "watches.index"),
    (SPEAKERS, N_("API keys"), "keys.index"),
    ((Role.ADMINISTRATOR,), N_("People"), "accounts.people"),
)


@blueprint.app_context_processor
def navigation() -> dict[str, Any]:
    """`desk_nav` for the frame of signed-in pages."""

    def links() -> list[tuple[str, str, bool]]:
        found = [(N_("Desk"), "desk.home")]
        found += [
            (words, endpoint)
            for roles, words, endpoint in NAVIGATION
            if current_user.is_authenticated
            and current_user.is_a(*roles)
            and endpoint in current_app.view_functions
        ]
        return [
            (words, url_for(endpoint), request.endpoint == endpoint)
            for words, endpoint in [*found, (N_("My account"), "accounts.mine")]
        ]

    return {"desk_links": links}


@blueprint.get("/desk")
@open_to()
def home() -> ResponseReturnValue:
    """What waits for you, the oldest deadline first."""
    person, doors = current_person(), services()
    spoken_for = spoken_for_by(person)
    return render_template(
        "desk/home.html",
        is_company=person.is_a(Role.COMPANY),
        tasks=waiting.for_person(person, doors.editions, doors.today()),
        organisations=spoken_for,
        offers=offers(spoken_for, doors.editions, doors.today()),
        today=doors.today(),
    )


@blueprint.get("/dossier/<id:id_>")
@open_to(
    *SPEAKERS,
    Role.SECRETARIAT,
    Role.AUDITOR,
    Role.COMMITTEE,
    Role.ADMINISTRATOR,
)
def dossier(id_: int) -> ResponseReturnValue:
    """The whole story of a case: every act, with who and when."""
    person = current_person()
    application = _seen(id_, person)
    edition = services().editions[application.edition]
    entries = journal.of_case(application.reference)
    return render_template(
        "desk/dossier.html",
        application=application,
        edition=edition,
        acts=story.tell(entries, person, edition, page_language(), gettext),
        audits=audits.of_case(application),
        decision=decisions.of(application),
        certificate=of_application(application),
        letters=letters.about(application.reference)
        if person.is_a(Role.SECRETARIAT)
        else [],
        inside=person.is_a(Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR),
    )


def _seen(id_: int, person: User) -> Application:
    """The case, through the eyes of the applicant, the staff, or its auditor."""
    for audit in audits.mine(person):
        if audit.application_id == id_ and audit_rules.may_see(audit, person):
            return audit.application
    if person.is_a(Role.AUDITOR) and audits.audited(id_, person):
        raise NotFound(N_("There is no such application."))
    return applications.get(id_, seen_by_user=person)

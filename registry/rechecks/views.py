"""The calendar of the re-checks, and the measures before the committee."""

import re
from datetime import date, timedelta
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.models import SPEAKERS, Role
from registry.certificates.rules import standing_of
from registry.certificates.standing import REASONS
from registry.clock import add_months
from registry.db import db
from registry.rechecks import operations, queries, rules
from registry.rechecks.forms import MeasureForm
from registry.rechecks.models import Measure
from registry.services import services

blueprint = Blueprint("rechecks", __name__)
DAY = timedelta(days=1)
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@blueprint.get("/rechecks")
@open_to(Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR)
def calendar() -> ResponseReturnValue:
    """A month of re-checks: what opens, is due, is late, is in update."""
    today = services().today()
    first = month(request.args.get("month", ""), today)
    last = add_months(first, 1) - DAY
    return render_template(
        "rechecks/calendar.html",
        today=today,
        title=format_date(first, "LLLL y", rebase=False),
        before=f"{add_months(first, -1):%Y-%m}",
        after=f"{add_months(first, 1):%Y-%m}",
        opening=[
            row
            for edition in services().editions.values()
            for row in queries.opening(edition, max(first, today + DAY), last)
        ],
        due=queries.calendar(first, last),
        late=queries.late(today),
        updating=queries.under_way(today),
    )


@blueprint.get("/rechecks/<id:id_>")
@open_to(*SPEAKERS, Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR)
def recheck(id_: int) -> ResponseReturnValue:
    """One re-check: its day, its letters, where it stands."""
    found = queries.get(id_, seen_by_user=current_person())
    edition = services().editions[found.certificate.edition]
    today = services().today()
    return render_template(
        "rechecks/recheck.html",
        recheck=found,
        today=today,
        current=standing_of(found.certificate, today),
        is_late=rules.is_late(found, today),
        in_time=rules.is_in_time(found),
        suspends_on=rules.suspends_on(found, edition),
        letters=queries.letters_of(found),
        was_written=rules.was_written,
        staff=not current_person().is_a(*SPEAKERS),
    )


@blueprint.get("/measures")
@open_to(Role.COMMITTEE, Role.SECRETARIAT, Role.ADMINISTRATOR)
def measures() -> ResponseReturnValue:
    """What waits for the committee, the nearest deadline first, and the latest."""
    return render_template(
        "rechecks/measures.html",
        open_measures=queries.open_measures(),
        decided=queries.decided_measures(),
        today=services().today(),
        reasons=REASONS,
    )


@blueprint.route("/measures/<id:id_>", methods=["GET", "POST"])
@open_to(Role.COMMITTEE, Role.SECRETARIAT, Role.ADMINISTRATOR)
def measure(id_: int) -> ResponseReturnValue:
    """One measure: why, since when, and the committee's decision."""
    found, today = queries.measure(id_), services().today()
    form = MeasureForm(of=found, kind=found.kind)
    if form.validate_on_submit() and form.does(partial(_decide, found, form)):
        db.session.commit()
        flash(_("Decided. The records and the certificate say so."), "success")
        return redirect(url_for("rechecks.measures"))
    page = render_template(
        "rechecks/measure.html",
        measure=found,
        form=form,
        today=today,
        current=standing_of(found.certificate, today),
        reason=REASONS[found.reason_code],
        is_moot=rules.is_moot(found, today),
        may_decide=rules.may_decide_measure(found, current_person()),
    )
    return page, form.status


def month(typed: str, today: date) -> date:
    """The first day of the month in an address (2027-03), this month's if odd."""
    found = MONTH.fullmatch(typed)
    return date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)


def _decide(found: Measure, form: MeasureForm) -> None:
    operations.decide_measure(
        found,
        form.chosen,
        form.reasons.data,
        by=current_person(),
        at=services().clock.now(),
    )

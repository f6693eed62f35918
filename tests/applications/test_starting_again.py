"""Starting from the answers of last time: what changed is seen, and what it was."""

from typing import Any

from registry.applications import operations, queries
from registry.applications.models import ApplicationKind
from registry.db import db
from tests import factories
from tests.factories import LONG_AGO, edition, representative


def test_what_changed_since_last_time_is_marked_with_what_was_said_then(
    app: Any, sign_in: Any
) -> None:
    before = factories.submitted()
    by = representative(before.organisation)
    operations.withdraw(before, by=by, at=LONG_AGO)
    after = operations.open_application(
        before.organisation,
        edition(),
        kind=ApplicationKind.RENEWAL,
        starts_from=before,
        by=by,
        at=LONG_AGO,
    )
    db.session.commit()
    browser = sign_in(by)
    here = f"/applications/{after.id}/sections/contracts"
    assert "dalla volta scorsa" not in browser.get(here).text
    then = before.values["workers_total"]
    operations.save_answers(after, {"workers_total": 987}, by=by, at=LONG_AGO)
    db.session.commit()
    page = browser.get(here).text
    assert "1 risposta cambiata dalla volta scorsa" in page
    told = page.split("dalla volta scorsa")[1].split("</details>")[0]
    assert f"<dd>{then}</dd>" in told
    assert "987" not in told
    review = browser.get(f"/applications/{after.id}/submit").text
    assert review.count("Cambiata") + review.count("Cambiato") == 1


def test_who_applies_again_starts_from_the_answers_given_last(
    app: Any, sign_in: Any
) -> None:
    before = factories.submitted()
    by, made = representative(before.organisation), before.organisation
    operations.withdraw(before, by=by, at=LONG_AGO)
    db.session.commit()
    given, browser = before.values, sign_in(by)
    answer = browser.post("/applications/new", data={"organisation": made.id})
    page = browser.get(answer.location).text
    assert "Le risposte date la volta scorsa sono già qui" in page
    assert "alcune riguardano giorni ormai passati" in page
    again = queries.open_of(made.id, "impact")
    assert again is not None
    assert again.values == given
    assert again.kind is ApplicationKind.INITIAL
    assert not again.attached


def test_who_applies_the_first_time_starts_from_nothing(app: Any, sign_in: Any) -> None:
    made = factories.organisation()
    browser = sign_in(representative(made))
    answer = browser.post("/applications/new", data={"organisation": made.id})
    assert "la volta scorsa" not in browser.get(answer.location).text

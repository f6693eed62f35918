"""Doubts that the public raised about holders: one of each state."""

from datetime import timedelta

from sqlalchemy import select

from registry.accounts.queries import the_registry
from registry.certificates.models import Projection
from registry.certificates.standing import Code
from registry.complaints import operations
from registry.complaints.models import Complaint, Outcome, Topic
from registry.db import db
from registry.demo.acts import SECRETARIAT, Stage
from registry.organisations.models import Organisation

DOUBTS = (
    (
        Topic.FACTS,
        "La sede indicata non è più quella: l’insegna in via Roma non c’è da mesi.",
        2,
    ),
    (
        Topic.MARK,
        "Il marchio è stampato sui sacchetti di un fornitore che non è la cooperativa.",
        9,
    ),
    (
        Topic.CRITERIA,
        "In fiera hanno distribuito un volantino che parla di un altro contratto.",
        60,
    ),
    (
        Topic.OTHER,
        "La fattura di marzo è sbagliata e nessuno risponde al telefono.",
        40,
    ),
)


def raise_doubts(stage: Stage) -> None:
    """Reported some days ago, one each, and handled as far as it went."""
    _, looked_into, closed, foreign = [
        _reported(stage, place, holder)
        for place, holder in enumerate(_holders(len(DOUBTS)))
    ]
    by, at = stage.user(SECRETARIAT), stage.at - timedelta(days=5)
    operations.admit(looked_into, "Riguarda l’uso del marchio.", by=by, at=at)
    operations.note(looked_into, "Chieste alla cooperativa le foto.", by=by, at=at)
    operations.admit(closed, "Riguarda un criterio del certificato.", by=by, at=at)
    operations.close(
        closed,
        Outcome.UNFOUNDED,
        "Il contratto applicato è quello verificato: il volantino era di altri.",
        by=by,
        at=at,
    )
    operations.reject(
        foreign,
        "Le fatture non riguardano la certificazione: ci si rivolge alla cooperativa.",
        by=by,
        at=at,
    )


def _reported(stage: Stage, place: int, holder: Organisation) -> Complaint:
    topic, words, days = DOUBTS[place]
    return operations.report(
        holder,
        topic,
        words,
        "cittadino@example.com" if place % 2 else None,
        language="it",
        key=f"demo-{place}",
        by=the_registry(),
        at=stage.at - timedelta(days=days),
    )


def _holders(number: int) -> list[Organisation]:
    return list(
        db.session.scalars(
            select(Organisation)
            .join(Projection, Projection.organisation_id == Organisation.id)
            .where(Projection.code == Code.VALID)
            .order_by(Organisation.id)
            .limit(number)
        )
    )

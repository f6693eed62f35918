"""Two cooperatives of the demo world have changed their names."""

from sqlalchemy import select

from registry.certificates import reissues, rules
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import issue_reserved
from registry.certificates.models import Certificate, ReissueReason
from registry.certificates.standing import Code
from registry.db import db
from registry.demo.acts import SECRETARIAT, Stage
from registry.organisations import operations as organisations
from registry.services import services

#: Invented; the first has its certificate issued again, the second has not yet.
NAMES = (
    "Filo e Trama Società Cooperativa Sociale",
    "Mani e Terra Società Cooperativa Sociale",
)


def rename_two(stage: Stage) -> None:
    """Both are in force; the new paper is there before the jobs of the night look."""
    by = stage.user(SECRETARIAT)
    newest = db.session.scalars(
        select(Certificate)
        .where(Certificate.application_id.is_not(None))
        .order_by(Certificate.id.desc())
    )
    in_force = (
        one
        for one in newest
        if rules.can_be_reissued(one, stage.on)
        and rules.standing_of(one, stage.on).code is Code.VALID
    )
    first, second = next(in_force), next(in_force)
    for certificate, name in zip((first, second), NAMES, strict=True):
        organisations.change(
            certificate.organisation, {"name": name}, by=by, at=stage.at
        )
    reissues.reissue(
        first,
        services().editions[first.edition],
        ReissueReason.NAME_CHANGED,
        issuer=the_issuer(),
        signer=services().signer,
        by=by,
        at=stage.at,
    )
    db.session.commit()
    issue_reserved(stage.at)

"""
From a reserved number to the sealed paper, with its commits in between.

What is planned is durable before the seal goes on it, and nobody is held up while the
pages are rendered.  Jobs and the workers of a mass re-issue call it; it may be killed
at any point and called again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from registry.accounts.queries import the_registry
from registry.certificates import operations, queries
from registry.certificates.credential import enclosures
from registry.certificates.models import Certificate, Copy
from registry.certificates.operations import Paper
from registry.certificates.proof import lint
from registry.certificates.rendering import render
from registry.db import db
from registry.paper import Enclosure
from registry.services import services


def issue(certificate: Certificate, at: datetime) -> None:
    """Render, read the proof, seal and keep a reserved certificate; the last commit
    is the caller's."""
    id_ = certificate.id
    pdf, again = _planned(certificate, lambda: queries.to_issue(id_))
    if held := queries.to_issue(id_):
        operations.issue(held, pdf, again=again, **_doors(), at=at)


def make_copy(copy: Copy, at: datetime) -> None:
    """The same for a courtesy copy."""
    id_ = copy.certificate_id
    pdf, again = _planned(copy, lambda: queries.copy_to_make(id_))
    if held := queries.copy_to_make(id_):
        operations.make_copy(held, pdf, again=again, **_doors(), at=at)


def _doors() -> dict[str, Any]:
    doors = services()
    return {"seal": doors.seal, "storage": doors.storage, "by": the_registry()}


def _enclosed(paper: Paper) -> tuple[Enclosure, ...]:
    """What the paper carries: its credential; a copy that of the certificate."""
    certificate = paper.certificate if isinstance(paper, Copy) else paper
    credential = certificate.credential
    return enclosures(credential.jwt, paper.facts["language"]) if credential else ()


def _planned(paper: Paper, load: Callable[[], Paper | None]) -> tuple[bytes, bool]:
    """
    The unsealed pages, their hash durable, and whether it was so before.

    Nobody is held up while they are rendered: that takes about a second.
    """
    facts, enclosed = dict(paper.facts), _enclosed(paper)
    db.session.rollback()
    pdf = render(facts, paper=services().paper, enclosures=enclosed)
    lint(pdf, facts, enclosed)
    held = load()
    if held is None:  # another scheduler was faster
        return pdf, True
    again = held.unsigned_sha256 is not None
    operations.plan(held, pdf)
    db.session.commit()
    return pdf, again

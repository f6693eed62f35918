"""The editions of the criteria for programs, and what changes between two of them."""

from typing import Any

from flask.typing import ResponseReturnValue
from pydantic import Field

from registry.api.description import described
from registry.api.keyed import open_to_programs
from registry.api.service import answered, base, blueprint, parameters
from registry.api.shapes import answers
from registry.criteria.difference import Change, Difference, difference
from registry.criteria.difference_told import tell
from registry.criteria.edition import Edition
from registry.errors import N_, NotFound
from registry.services import services
from registry.verification.answers import Told


class Words(Told):
    """A text in both languages; the Italian one is official."""

    it: str
    en: str


class EditionLinks(Told):
    """Addresses of the same edition."""

    self: str
    page: str
    whole: str = Field(description="Every word of it, with its rules, as data")
    conformity_scheme: str = Field(description="As a scheme of UN/CEFACT’s UNTP")
    achievement: str = Field(description="As an Achievement of Open Badges 3.0")


class EditionTold(Told):
    """An edition of a scheme’s criteria."""

    key: str = Field(description="As impact/2022")
    scheme: str
    edition: str
    title: Words
    draft: bool = Field(description="Nobody can apply under a draft")
    in_force_from: str
    digest: str = Field(description="SHA-256 of rules and official texts")
    text_digest: str = Field(description="SHA-256 of everything")
    links: EditionLinks


class Editions(Told):
    """Every edition, the newest first."""

    editions: list[EditionTold]


class CriterionTold(Told):
    """One criterion, as a certificate names it."""

    id: str
    number: int
    title: Words
    text: Words
    why: Words
    severity: str
    mandatory: bool
    page: str


class EditionInFull(EditionTold):
    """An edition with its criteria; their rules are in `links.whole`."""

    summary: Words
    certificate_months: int
    recheck_months: int
    criteria: list[CriterionTold]


class Changed(Told):
    """How a criterion of the newer edition stands to that of the older."""

    id: str
    relation: str = Field(
        description="new, removed, equal, stricter, looser, different"
    )
    proved: bool = Field(description="Whether every case was tried")


class Differences(Told):
    """What changes from one edition to another."""

    before: str
    after: str
    criteria: list[Changed]
    told_it: list[str] = Field(description="The same and the rest, in Italian")
    told_en: list[str] = Field(description="The same and the rest, in English")
    page: str


@blueprint.get("/criteria")
@open_to_programs(None)
@described(
    resp=answers(Editions, "The editions"),
    operation_id="editions",
    tags=["criteria"],
)
def list_editions() -> ResponseReturnValue:
    """Every edition of the criteria, the newest first; drafts are marked."""
    parameters()
    known = services().editions
    found = sorted(
        [*known.values(), *known.drafts.values()],
        key=lambda one: (one.in_force_from, one.key),
        reverse=True,
    )
    return answered(Editions(editions=[EditionTold(**_facts(one)) for one in found]))


@blueprint.get("/criteria/<scheme>/<edition>")
@open_to_programs(None)
@described(
    resp=answers(EditionInFull, "The edition", 404),
    operation_id="edition",
    tags=["criteria"],
)
def show_edition(scheme: str, edition: str) -> ResponseReturnValue:
    """An edition with its criteria in both languages."""
    parameters()
    found = _known(scheme, edition)
    told = EditionInFull(
        **_facts(found),
        summary=_words(found.summary),
        certificate_months=found.parameters.certificate_months,
        recheck_months=found.parameters.recheck_months,
        criteria=[_criterion(one, found) for one in found.requirements],
    )
    return answered(told)


@blueprint.get("/criteria/<scheme>/<old>...<new>")
@open_to_programs(None)
@described(
    resp=answers(Differences, "The differences", 404),
    operation_id="differences",
    tags=["criteria"],
)
def differences(scheme: str, old: str, new: str) -> ResponseReturnValue:
    """What changes from one edition to another: stricter, looser, proved on cases."""
    parameters()
    before, after = _known(scheme, old), _known(scheme, new)
    found: Difference = difference(before, after)
    told = Differences(
        before=before.key,
        after=after.key,
        criteria=[_changed(one) for one in found.requirements],
        told_it=tell(found, "it"),
        told_en=tell(found, "en"),
        page=f"{base()}/it/criteria/{scheme}/{old}...{new}",
    )
    return answered(told)


def _known(scheme: str, edition: str) -> Edition:
    key, editions = f"{scheme}/{edition}", services().editions
    found = editions.get(key) or editions.drafts.get(key)
    if found is None:
        raise NotFound(N_("There is no such edition."))
    return found


def _facts(one: Edition) -> dict[str, Any]:
    data = f"{base()}/criteria/{one.key}"
    return {
        "key": one.key,
        "scheme": one.scheme,
        "edition": one.edition,
        "title": _words(one.title),
        "draft": one.key not in services().editions,
        "in_force_from": one.in_force_from.isoformat(),
        "digest": one.digest,
        "text_digest": one.text_digest,
        "links": EditionLinks(
            self=f"{base()}/api/v1/criteria/{one.key}",
            page=f"{base()}/it/criteria/{one.key}",
            whole=f"{data}.json",
            conformity_scheme=f"{data}/conformity-scheme.json",
            achievement=f"{data}/achievement.json",
        ),
    }


def _criterion(one: Any, edition: Edition) -> CriterionTold:
    return CriterionTold(
        id=one.id,
        number=one.number,
        title=_words(one.title),
        text=_words(one.text),
        why=_words(one.why),
        severity=one.severity,
        mandatory=one.mandatory,
        page=f"{base()}/it/criteria/{edition.key}#{one.id}",
    )


def _changed(one: Change) -> Changed:
    return Changed(id=one.id, relation=one.relation.value, proved=one.proved)


def _words(text: Any) -> Words:
    return Words(it=text.it, en=text.en)

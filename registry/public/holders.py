"""The page of a holder: on a day, as known at an instant, in words and for machines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app, request, url_for
from markupsafe import Markup

from registry.certificates.models import Certificate
from registry.certificates.standing import Code, Standing, standing
from registry.clock import civil_day
from registry.criteria.schemes import in_order
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.rules import provinces
from registry.public import answers, identity, queries
from registry.public.answers import GOOD, Answer
from registry.services import services
from registry.verification.questions import when

#: What a page may lead to where this installation has it: words, page, what it asks.
ELSEWHERE = (
    (N_("The same answer for programs (JSON)"), "api.verify", "certificate"),
    (N_("The live badge (SVG)"), "credentials.badge_svg", "number"),
    (
        N_("The signed credential (for programs)"),
        "credentials.credential_file",
        "number",
    ),
    (N_("Every address of this holder (linkset)"), "linkset.resolve", "id_"),
    (N_("Public changes as a feed (Atom)"), "api.atom_feed", None),
)
#: L. 381/1991 art. 1: social enterprises by law (D.Lgs. 112/2017 art. 1 c. 4).
SOCIAL = "https://schema.org/ITSocialCooperativeCharity"
SOCIAL_KINDS = {
    OrganisationKind.SOCIAL_A,
    OrganisationKind.SOCIAL_B,
    OrganisationKind.SOCIAL_AB,
}


@dataclass(frozen=True)
class Moment:
    """The day a page is about, and what was recorded by when; today and all if None."""

    on: date
    known_at: datetime | None
    #: Whether a day or an instant was asked for.
    asked: bool


def moment(given: Mapping[str, str], at: datetime) -> Moment:
    """What an address says (`on`, `known_at`); raises an Invalid for nonsense."""
    chosen = {name: given[name] for name in ("on", "known_at") if given.get(name)}
    on, dated, known_at = when(chosen, at)
    return Moment(on, known_at, dated)


def then(certificates: Sequence[Certificate], asked: Moment) -> list[list[Answer]]:
    """
    What the certificates of that day were worth, mark by mark, the newest first.

    `certificates` are of one holder, newest first.  The main mark comes first.
    """
    issued = [
        Answer(worth, one, one.organisation)
        for one in certificates
        if (worth := _worth(one, asked)).code is not Code.NEVER_CERTIFIED
    ]
    schemes = {one.scheme for one in certificates}
    by_mark = [
        [one for one in issued if one.scheme == scheme]
        for scheme in sorted(schemes, key=in_order)
    ]
    return [of_mark for of_mark in by_mark if of_mark]


def of_certificate(certificate: Certificate, asked: Moment) -> Answer:
    """What one certificate was worth then; never certified before it was issued."""
    return Answer(_worth(certificate, asked), certificate, certificate.organisation)


def _worth(certificate: Certificate, asked: Moment) -> Standing:
    return standing(
        certificate.events, certificate.valid_until, asked.on, asked.known_at
    )


def page(id_: int) -> dict[str, Any]:
    """Everything the template of a holder needs but what its certificate says."""
    shown, now = queries.holder(id_), services().clock.now()
    if shown is None:
        raise NotFound(N_("There is no such holder."))
    organisation, certificates = shown
    asked = moment(request.args, now)
    marks = then(certificates, asked)
    answer = marks[0][0] if marks else answers.no_certificate(asked.on)
    return {
        "organisation": organisation,
        "identity": identity.of(organisation),
        "activities": identity.activities(organisation),
        "name_then": name_on(organisation, asked.on),
        "now": now,
        "asked": asked,
        "today": civil_day(now),
        "answer": answer,
        "others": [of_mark[0] for of_mark in marks[1:]],
        "former": [one for of_mark in marks for one in of_mark[1:]],
        "with_number": sum(map(len, marks)) > 1,
        "timeline": answers.timeline(certificates, asked.on, asked.known_at),
        "listings": queries.listings_of(id_),
        "provinces": provinces(),
        "machines": structured(organisation, then(certificates, moment({}, now))),
        "elsewhere": elsewhere(organisation, answer.certificate),
    }


def name_on(organisation: Organisation, on: date) -> str:
    """The name the register gave on a day."""
    for former in organisation.former_names:
        if on <= former.until_on:
            return former.name
    return organisation.name


def elsewhere(
    organisation: Organisation, certificate: Certificate | None
) -> list[tuple[str, str]]:
    """Words and addresses of the same facts for programs, as far as there are some."""
    values: dict[str, Any] = {"id_": organisation.id}
    if certificate is not None:
        values |= {"certificate": certificate.number, "number": certificate.number}
        if certificate.credential is None:
            values.pop("number")
    return [
        (label, url_for(endpoint, **_asking(endpoint, name, values)))
        for label, endpoint, name in ELSEWHERE
        if endpoint in current_app.view_functions and (name is None or name in values)
    ]


def _asking(endpoint: str, name: str | None, values: dict[str, Any]) -> dict[str, Any]:
    asked = {name: values[name]} if name else {}
    return asked | ({"linkType": "linkset"} if endpoint == "linkset.resolve" else {})


def structured(organisation: Organisation, marks: list[list[Answer]]) -> Markup:
    """
    The holder in the words of schema.org, as the content of a data block.

    It says how things stand today: machines that read pages ask for nothing else.
    """
    base = services().settings.base_url
    held = [_certification(of_mark[0], base) for of_mark in marks]
    shown: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": f"{base}/it/register/{organisation.id}",
        "name": organisation.name,
        "legalName": organisation.name,
        "alternateName": [one.name for one in organisation.former_names],
        "vatID": f"IT{organisation.vat}" if organisation.vat else None,
        "taxID": organisation.tax_code or organisation.vat,
        "url": organisation.website,
        "nonprofitStatus": SOCIAL if organisation.kind in SOCIAL_KINDS else None,
        "identifier": [
            {"@type": "PropertyValue", "propertyID": name, "value": value}
            for name, value in (("Albo", organisation.albo), ("REA", organisation.rea))
            if value
        ],
        "address": {
            "@type": "PostalAddress",
            "addressLocality": organisation.town,
            "addressRegion": organisation.province,
            "addressCountry": "IT",
        },
        "hasCertification": held[0] if len(held) == 1 else held,
    }
    words = json.dumps({k: v for k, v in shown.items() if v}, ensure_ascii=False)
    # In a data block only what looks like the end of it, or a comment, is no text.
    return Markup(words.replace("<", "\\u003c"))  # noqa: S704


def _certification(answer: Answer, base: str) -> dict[str, Any] | None:
    certificate = answer.certificate
    if certificate is None:
        return None
    state = "Active" if answer.code in GOOD else "Inactive"
    return {
        "@type": "Certification",
        "name": certificate.facts.get("edition_title", certificate.edition),
        "certificationIdentification": certificate.number,
        "certificationStatus": f"https://schema.org/Certification{state}",
        "datePublished": certificate.issued_on.isoformat(),
        "validFrom": certificate.issued_on.isoformat(),
        "expires": certificate.valid_until.isoformat(),
        "url": f"{base}/c/{certificate.number}",
        "issuedBy": {
            "@type": "Organization",
            "name": services().settings.body_name,
            "url": base,
        },
    }

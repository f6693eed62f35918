"""A certificate as machines read it: signed once, and enclosed in the paper."""

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select

from registry.accounts.queries import the_registry
from registry.certificates import operations
from registry.certificates.credential import (
    PLAIN,
    SIGNED,
    enclosures,
    fingerprint,
    plain,
    said_by,
)
from registry.certificates.issuer import the_issuer
from registry.certificates.jobs import issue_granted, make_copies
from registry.certificates.models import Certificate, Credential
from registry.certificates.operations import ListsFull
from registry.certificates.proof import BadProof, lint, words_of
from registry.certificates.rendering import render
from registry.clock import FixedClock
from registry.db import db as database
from registry.paper import Enclosure, Paper
from registry.services import services
from registry.storage import Storage
from tests import factories

#: The fields we rely on, as the UN Transparency Protocol 0.6 names and demands them.
ATTESTATION = {
    "id": str,
    "assessorLevel": {"3rdParty"},
    "assessmentLevel": {"Unspecified"},
    "attestationType": {"certification"},
    "issuedToParty": {"id": str, "name": str, "registeredId": str, "idScheme": dict},
    "conformityCertificate": {"linkURL": str, "linkName": str, "linkType": str},
    "scope": {
        "id": str,
        "name": str,
        "description": str,
        "version": str,
        "validFrom": str,
        "owner": {"id": str, "name": str},
    },
    "assessment": [
        {
            "id": str,
            "conformityTopic": {"governance.compliance"},
            "conformance": bool,
            "assessmentDate": str,
            "assessedOrganisation": {"id": str, "name": str},
            "assessmentCriteria": [
                {
                    "id": str,
                    "name": str,
                    "description": str,
                    "conformityTopic": {"governance.compliance"},
                    "status": {"active"},
                    "performanceLevel": {"met", "met_with_reserve"},
                }
            ],
        }
    ],
}


def credential(certificate: Certificate) -> Credential:
    assert certificate.credential is not None
    return certificate.credential


def fits(told: Any, shape: Any) -> bool:
    """Whether a value has at least the fields of a shape, of the kinds it names."""
    if isinstance(shape, dict):
        return all(name in told and fits(told[name], shape[name]) for name in shape)
    if isinstance(shape, list):
        return bool(told) and all(fits(one, shape[0]) for one in told)
    return told in shape if isinstance(shape, set) else isinstance(told, shape)


def test_a_credential_says_what_the_certificate_says(app: Flask) -> None:
    certificate = factories.certified()
    said = services().signer.read(credential(certificate).jwt)
    facts, base = certificate.facts, "http://localhost"
    assert said["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert said["type"] == ["DigitalConformityCredential", "VerifiableCredential"]
    assert said["id"] == f"{base}/credentials/{certificate.number}"
    assert said["issuer"]["id"] == "did:web:localhost"
    assert said["validFrom"] == "2026-03-01T23:00:00Z"  # midnight in Rome
    assert said["validUntil"] == "2029-03-01T22:59:59Z"
    subject = said["credentialSubject"]
    assert fits(subject, ATTESTATION)
    assert subject["conformityCertificate"]["linkURL"] == facts["address"]
    holder = subject["issuedToParty"]
    assert holder["name"] == facts["organisation"]["name"]
    known = [holder, *holder["partyAlsoKnownAs"]]
    codes = [facts["organisation"][code] for code in ("vat", "albo")]
    assert [one["registeredId"] for one in known] == codes
    assert subject["scope"]["digestMultibase"].endswith(certificate.edition_digest)
    results = [one["performanceLevel"] for one in _criteria(subject)]
    assert results == [criterion["result"] for criterion in facts["criteria"]]


def test_a_criterion_with_a_reserve_does_not_conform_yet(app: Flask) -> None:
    certificate = factories.certified()
    facts = certificate.facts
    facts["criteria"][1] |= {
        "result": "met_with_reserve",
        "reserve_until": "2026-12-31",
    }
    told = operations.payload(
        facts, factories.edition(), operations.Places("did:web:x", "http://x", 1, 2)
    )
    one = told["credentialSubject"]["assessment"][1]
    assert one["conformance"] is False
    assert "31 dicembre 2026" in one["description"]


def test_no_evidence_and_no_person_is_in_a_credential(app: Flask) -> None:
    certificate = factories.certified()
    told = said_by(credential(certificate).jwt).decode()
    kinds = {k for c in certificate.facts["criteria"] for k in c["evidence"]}
    assert not [kind for kind in kinds if kind in told]
    assert certificate.facts["signatory"]["name"] not in told


def test_an_open_badge_says_the_same(app: Flask) -> None:
    certificate = factories.certified()
    vc, badge = (
        services().signer.read(signed)
        for signed in (credential(certificate).jwt, credential(certificate).badge)
    )
    assert badge["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    for same in ("validFrom", "validUntil", "credentialStatus", "name"):
        assert badge[same] == vc[same]
    subject = badge["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == certificate.organisation.vat
    assert "Soddisfatto" in subject["achievement"]["criteria"]["narrative"]


def test_the_paper_carries_the_credential_and_prints_its_fingerprint(
    app: Flask, storage: Storage
) -> None:
    certificate = factories.certified()
    jwt = credential(certificate).jwt
    pdf = storage.read(str(certificate.sha256))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = {
            name: (one.get_file().read_bytes(), one.get_file().mime_type)
            for name, one in document.attachments.items()
        }
    assert found == {
        SIGNED: (jwt.encode(), "application/vc+jwt"),
        PLAIN: (said_by(jwt), "application/json"),
    }
    printed = "".join(words_of(pdf)[1].split())
    assert Storage.digest(found[PLAIN][0]) == fingerprint(plain(jwt))
    assert fingerprint(plain(jwt)) in printed


@pytest.mark.usefixtures("printed_in_full")
def test_rendered_again_the_paper_is_the_same_file(
    app: Flask, paper: Paper, storage: Storage
) -> None:
    certificate = factories.certified()
    facts, jwt = certificate.facts, credential(certificate).jwt
    again = render(facts, paper, enclosures(jwt, "it"))
    assert Storage.digest(again) == certificate.unsigned_sha256


def test_the_english_copy_carries_the_same_credential(
    app: Flask, clock: FixedClock, storage: Storage
) -> None:
    certificate = factories.certified()
    copy = operations.ask_copy(
        certificate,
        factories.edition(),
        issuer=the_issuer("en"),
        by=the_registry(),
        at=clock.now(),
    )
    assert copy.facts["fingerprint"] == certificate.facts["fingerprint"]
    database.session.commit()
    assert make_copies(clock.now()) == 1
    with pikepdf.open(io.BytesIO(storage.read(str(copy.sha256)))) as document:
        enclosed = document.attachments[SIGNED].get_file().read_bytes()
    assert enclosed == credential(certificate).jwt.encode()


def test_a_paper_with_another_credential_is_not_sealed(
    app: Flask, paper: Paper
) -> None:
    certificate = factories.certified()
    facts = certificate.facts
    meant = enclosures(credential(certificate).jwt, "it")
    lint(render(facts, paper, meant), facts, meant)
    more = Enclosure("altro.txt", b"x", "Altro")
    other = Enclosure(SIGNED, b"x", "Credenziale")
    source = Enclosure(meant[0].name, meant[0].data, "Credenziale", "Source")
    for wrong in (
        (*meant, more),
        meant[:1],
        (other, meant[1]),
        (source, meant[1]),
        (),
    ):
        with pytest.raises(BadProof):
            lint(render(facts, paper, wrong), facts, meant)


def test_every_certificate_has_bits_of_its_own(app: Flask, clock: FixedClock) -> None:
    for _ in range(3):
        factories.decided()
    database.session.commit()
    issue_granted(clock.now())
    kept = database.session.scalars(select(Credential)).all()
    assert len({one.revocation_index for one in kept}) == 3
    assert len({one.suspension_index for one in kept}) == 3


def test_where_no_bit_is_free_nothing_is_reserved(
    app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.certified()
    [only] = database.session.scalars(select(Credential))
    only.revocation_index = only.suspension_index = 0
    monkeypatch.setattr(operations, "ENTRIES", 1)
    decision = factories.decided(at=clock.now() + timedelta(days=1))
    with pytest.raises(ListsFull):
        operations.reserve(
            decision,
            factories.edition(),
            issuer=the_issuer(),
            signer=services().signer,
            by=the_registry(),
            at=clock.now(),
        )


def _criteria(subject: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        criterion
        for assessment in subject["assessment"]
        for criterion in assessment["assessmentCriteria"]
    ]

"""
What a machine reads of a certificate: the facts as a verifiable credential.

W3C Verifiable Credentials 2.0, shaped as a UNTP Digital Conformity Credential (UN
Transparency Protocol 0.6.x): an attestation to a party, one assessment for each
criterion. The same facts again as an Open Badge 3.0. Contexts are named, never fetched.
"""

import hashlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from registry.certificates.layouts import layout
from registry.certificates.rendering import written_day
from registry.clock import instant, start_of
from registry.criteria.edition import Edition
from registry.paper import Enclosure
from registry.signing import canonical

VC = "https://www.w3.org/ns/credentials/v2"
UNTP = "https://test.uncefact.org/vocabulary/untp/dcc/working/"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
ABOUT = "https://www.iana.org/assignments/relation/about"
#: Of the fifteen topics of UNTP, that of all our criteria (the register’s choice).
TOPIC = "governance.compliance"
#: ISO/IEC 6523 codes of Italian identifiers, as object identifiers (1.3.ICD).
SCHEMES = {
    "vat": ("Partita IVA", "urn:oid:1.3.211"),
    "tax_code": ("Codice fiscale", "urn:oid:1.3.210"),
}
ALBO = "Albo delle società cooperative"
SIGNED, PLAIN = "credenziale.vc.jwt", "credenziale.json"

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Places:
    """Where the credential is bound: who signs, our address, its two status bits."""

    did: str
    base_url: str
    revocation: int
    suspension: int


def payload(facts: Facts, edition: Edition, places: Places) -> dict[str, Any]:
    """The credential of a certificate, to be signed once (UNTP shape)."""
    about = _About(facts, edition, places)
    return {
        "@context": [VC, UNTP],
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "id": about.id,
        "name": about.title,
        "issuer": {"type": ["CredentialIssuer"], **about.body},
        **_term(facts),
        "credentialSubject": {
            "type": ["ConformityAttestation", "Attestation"],
            "id": facts["address"],
            "name": about.title,
            "description": about.description(),
            "assessorLevel": "3rdParty",
            "assessmentLevel": "Unspecified",  # nobody accredits the registry
            "attestationType": "certification",
            "issuedToParty": about.holder(),
            "conformityCertificate": {
                "linkURL": facts["address"],
                "linkName": facts["number"],
                "linkType": ABOUT,
            },
            "scope": about.scheme(),
            "assessment": [about.assessment(one) for one in facts["criteria"]],
        },
        "credentialStatus": status_entries(places),
    }


def badge(facts: Facts, edition: Edition, places: Places) -> dict[str, Any]:
    """The same certificate as an Open Badge (1EdTech Open Badges 3.0)."""
    about = _About(facts, edition, places)
    told = "; ".join(f"{c['title']}: {about.result(c)}" for c in facts["criteria"])
    told = " ".join([f"{told}.", about.not_applicable()]) if about.waived else told
    return {
        "@context": [VC, BADGES],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "id": f"{about.id}/badge.json",
        "name": about.title,
        "issuer": {"type": ["Profile"], **about.body, "url": places.base_url},
        **_term(facts),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "id": about.party_id(),
            "identifier": [about.identity()],
            "achievement": {
                "type": ["Achievement"],
                "id": about.criteria_page,
                "achievementType": "Certification",
                "name": f"{facts['scheme_title']} {edition.edition}",
                "description": facts["edition_title"],
                "criteria": {"id": about.criteria_page, "narrative": told},
            },
        },
        "credentialStatus": status_entries(places),
    }


def status_entries(places: Places) -> list[dict[str, str]]:
    """Where to look whether the credential still holds (W3C Bitstring Status List)."""
    return [
        {
            "id": f"{places.base_url}/status/{purpose}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": f"{places.base_url}/status/{purpose}",
        }
        for purpose, index in (
            ("revocation", places.revocation),
            ("suspension", places.suspension),
        )
    ]


def fingerprint(told: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of a payload in canonical JSON: printed on page 2."""
    return hashlib.sha256(canonical(told)).hexdigest()


def said_by(jwt: str) -> bytes:
    """The payload a credential carries, byte for byte; its signature is not read."""
    part = jwt.split(".")[1]
    return urlsafe_b64decode(f"{part}==")


def plain(jwt: str) -> dict[str, Any]:
    """The same, read."""
    told: dict[str, Any] = json.loads(said_by(jwt))
    return told


def enclosures(jwt: str, language: str) -> tuple[Enclosure, ...]:
    """The two files every paper carries: the signed credential, and what it says."""
    texts = {"it": ("firmata", "in chiaro"), "en": ("signed", "in clear")}[language]
    name = {"it": "Credenziale verificabile", "en": "Verifiable credential"}[language]
    return (
        Enclosure(SIGNED, jwt.encode(), f"{name}, {texts[0]}", "Data"),
        Enclosure(PLAIN, said_by(jwt), f"{name}, {texts[1]}", "Alternative"),
    )


def _term(facts: Facts) -> dict[str, str]:
    """From the first to the last instant of the term, by the days of Rome."""
    first = date.fromisoformat(facts["issued_on"])
    after = date.fromisoformat(facts["valid_until"]) + timedelta(days=1)
    last = start_of(after) - timedelta(seconds=1)
    return {
        "validFrom": instant(start_of(first)),
        "validUntil": instant(last),
    }


class _About:
    """The parts that both shapes of the credential have."""

    def __init__(self, facts: Facts, edition: Edition, places: Places) -> None:
        self.facts, self.edition, self.base = facts, edition, places.base_url
        self.id = f"{self.base}/credentials/{facts['number']}"
        self.title = f"{facts['scheme_title']}: {facts['number']}"
        self.body = {"id": places.did, "name": facts["body"]["name"]}
        self.criteria_page = f"{self.base}/it/criteria/{facts['edition']}"
        self.texts = layout(facts["layout"]).texts[facts["language"]]

    @property
    def waived(self) -> list[str]:
        """The titles of the criteria that do not apply, for a reason accepted."""
        return [one["title"] for one in self.facts.get("not_applicable", ())]

    def not_applicable(self) -> str:
        """That they do not apply, in words: nothing was assessed, so there is no
        assessment that a machine could take for one way or the other."""
        titles = "; ".join(self.waived)
        return str(self.texts["not_applicable_of"].format(titles=titles))

    def description(self) -> str:
        """What the attestation is about and, where there are, what does not apply."""
        title = str(self.facts["edition_title"])
        return f"{title}. {self.not_applicable()}" if self.waived else title

    def holder(self) -> dict[str, Any]:
        """The organisation, under each of its public identifiers; never a person."""
        first, *others = self._identifiers()
        known = self.facts["organisation"]
        return {
            "type": ["Party"],
            **first,
            "description": known["kind_label"],
            "registrationCountry": "IT",
            **({"partyAlsoKnownAs": others} if others else {}),
        }

    def party_id(self) -> str:
        """An address that stands for the organisation and answers for it."""
        return str(self._identifiers()[0]["id"])

    def identity(self) -> dict[str, Any]:
        """The organisation as an Open Badge names its subject, in clear."""
        return {
            "type": "IdentityObject",
            "identityHash": self._identifiers()[0]["registeredId"],
            "identityType": "identifier",
            "hashed": False,
        }

    def scheme(self) -> dict[str, Any]:
        """The scheme and its edition, with the hash by which the edition is pinned."""
        return {
            "type": ["ConformityScheme"],
            "id": self.criteria_page,
            "name": self.facts["scheme_title"],
            "description": self.facts["edition_title"],
            "version": self.edition.edition,
            "validFrom": self.edition.in_force_from.isoformat(),
            "owner": self.body,
            # multibase, hexadecimal (f), of a multihash, SHA-256 of 32 bytes (1220)
            "digestMultibase": f"f1220{self.facts['edition_digest']}",
        }

    def assessment(self, criterion: Facts) -> dict[str, Any]:
        """One criterion and its result; one with a reserve does not conform yet."""
        asked = self.edition.requirement(criterion["id"])
        first = self._identifiers()[0]
        return {
            "type": ["ConformityAssessment", "Declaration"],
            "id": f"{self.id}#{criterion['id']}",
            "name": criterion["title"],
            "description": self.result(criterion),
            "assessmentDate": self.facts["decided_on"],
            "conformityTopic": TOPIC,
            "conformance": criterion["result"] == "met",
            "assessmentCriteria": [
                {
                    "type": ["Criterion"],
                    "id": f"{self.criteria_page}#{criterion['id']}",
                    "name": criterion["title"],
                    "description": asked.text.in_(self.facts["language"]),
                    "conformityTopic": TOPIC,
                    "status": "active",
                    "performanceLevel": criterion["result"],
                }
            ],
            "assessedOrganisation": {"id": first["id"], "name": first["name"]},
        }

    def result(self, criterion: Facts) -> str:
        """The result in the words of the paper, with its points where it has some."""
        told, until = [], criterion.get("reserve_until")
        if criterion["result"] == "met":
            told = [self.texts["met"]]
        elif criterion["result"] == "met_with_reserve" and until:
            day = written_day(until, self.facts["language"]).replace("\xa0", " ")
            told = [self.texts["met_with_reserve"].format(until=day)]
        elif criterion["result"] == "met_with_reserve":
            told = [self.texts["met_with_reserve_open"]]
        if criterion.get("points") is not None:
            told.append(self.texts["points"].format(**criterion))
        return ", ".join(told)

    def _identifiers(self) -> list[dict[str, Any]]:
        known = self.facts["organisation"]
        albo = (ALBO, f"{self.base}/it/programs")
        return [
            {
                "id": f"{self.base}/api/v1/verify?{code}={known[code]}",
                "name": known["name"],
                "registeredId": known[code],
                "idScheme": {"type": ["IdentifierScheme"], "id": scheme, "name": name},
            }
            for code, (name, scheme) in {**SCHEMES, "albo": albo}.items()
            if known.get(code)
        ]

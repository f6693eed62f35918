"""The shapes of what programs get.  Published once, they only grow."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal[
    "valid",
    "in_update",
    "suspended",
    "withdrawn",
    "expired",
    "ended_by_holder",
    "superseded",
    "never_certified",
]
Flag = Literal[
    "listed_by_owner", "legal_name_changed", "group_only", "evidence_partial"
]
Reason = Literal[
    "suspended_missed_recheck",
    "suspended_failed_recheck",
    "suspended_major_finding",
    "suspended_misuse",
    "suspended_on_request",
    "withdrawn_missed_recheck",
    "withdrawn_requirements_lost",
    "withdrawn_misuse",
    "ended_by_holder",
    "expired",
    "superseded",
    "in_update",
    "never_certified",
]


def without_nulls(schema: dict[str, Any]) -> None:
    """What is not known is left out, never null; the schema says so too."""
    for name, given in schema.get("properties", {}).items():
        if "anyOf" in given:
            (kind,) = (one for one in given["anyOf"] if one != {"type": "null"})
            rest = {k: v for k, v in given.items() if k not in {"anyOf", "default"}}
            schema["properties"][name] = {**rest, **kind}


class Told(BaseModel):
    """Nothing is said beside what is described here."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)


class Query(Told):
    """The question as understood: an identifier, day and scheme if they were given."""

    vat: str | None = Field(None, description="Partita IVA, eleven digits")
    tax_code: str | None = Field(None, description="Codice fiscale, eleven digits")
    albo: str | None = Field(None, description="Albo number, as A122855")
    rea: str | None = Field(None, description="REA number, as BG-250195")
    certificate: str | None = Field(None, description="As IMP-2026-000123-38")
    on: str | None = Field(None, description="YYYY-MM-DD")
    known_at: str | None = Field(None, description="The instant asked about, UTC")
    scheme: str | None = Field(None, description="As impact")


class Matched(Told):
    """The legal entity, if it has or had a certificate or is in a published list."""

    id: int
    legal_name: str
    vat: str | None = None
    tax_code: str | None = None
    albo: str | None = None
    rea: str | None = None
    town: str
    province: str


class Match(Told):
    """How the entity was found: by its number."""

    type: Literal["exact"]
    score: Literal[100]


class CertificateTold(Told):
    """The certificate that the status is about."""

    number: str
    issued: str = Field(description="YYYY-MM-DD, civil day in Rome")
    expires: str = Field(description="Last day of validity, included")
    edition: str = Field(description="As impact/2022")
    edition_name: str = Field(description="As people call it: Impact 2022")
    edition_digest: str = Field(description="SHA-256 of rules and official texts")


class Links(Told):
    """Addresses of the same thing elsewhere."""

    self: str
    profile: str | None = Field(None, description="Page of the holder")
    linkset: str | None = Field(None, description="All addresses of the holder")
    certificate: str | None = Field(None, description="Page of the certificate")
    document: str | None = Field(None, description="The sealed PDF")
    credential: str | None = Field(None, description="The certificate for machines")
    newer: str | None = Field(None, description="The certificate that replaced it")


class Answer(Told):
    """What a certificate, or its absence, is worth on a day."""

    query: Query
    scheme: str | None = Field(
        None,
        description=(
            "The scheme that the answer is about, and no other: the one named; else "
            "that of the certificate asked for, or impact. Absent only for the number "
            "of no certificate"
        ),
    )
    scheme_name: str | None = Field(None, description="Its mark, as Impact")
    matched: Matched | None = None
    match: Match | None = None
    status: Status
    status_since: str | None = Field(None, description="YYYY-MM-DD")
    certificate: CertificateTold | None = None
    next_review: str | None = Field(None, description="YYYY-MM-DD")
    flags: list[Flag] = Field(
        description=(
            "listed_by_owner: in a list of the scheme’s owner, which certifies "
            "nothing; legal_name_changed: the paper bears an earlier name; group_only: "
            "a consortium’s certificate, not its members’; evidence_partial: a "
            "criterion was met with a reserve"
        )
    )
    as_of: str = Field(description="The instant of the answer, UTC")
    recorded_through: str | None = Field(
        None, description="When the last event counted here was recorded, UTC"
    )
    ttl: int = Field(description="Seconds for which the answer may be kept")
    reason_code: Reason | None = None
    links: Links

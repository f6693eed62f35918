"""The shapes of what is asked and of refusals; `verification` has the answers’."""

from pydantic import BaseModel, ConfigDict, Field

from registry.verification.answers import Told, without_nulls


class Problem(Told):
    """A refusal (RFC 9457); `code` is stable, the sentences are for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None


class VerifyQuery(BaseModel):
    """Exactly one of the five identifiers; the day if not today."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_nulls)

    vat: str | None = Field(None, description="Partita IVA; IT and blanks are allowed")
    tax_code: str | None = Field(None, description="Codice fiscale of the organisation")
    albo: str | None = Field(None, description="Number in the Albo, as A122855")
    rea: str | None = Field(None, description="REA number, as BG-250195")
    certificate: str | None = Field(None, description="Number of a certificate")
    on: str | None = Field(
        None, description="A day, YYYY-MM-DD, not in the future; today if not given"
    )
    known_at: str | None = Field(
        None,
        description=(
            "An instant, as 2026-03-02T10:00:00Z, not in the future: only what was "
            "recorded by then counts, and the day is that of the instant if `on` is "
            "not given. Names and numbers are those of today"
        ),
    )

"""The shapes of what is asked and of refusals; `verification` has the answers’."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from spectree import Response

from registry.verification.answers import Told, without_nulls


class Problem(Told):
    """A refusal (RFC 9457); `code` is stable, the sentences are for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | None = None


#: How any address may refuse.
REFUSALS = {
    401: "The key is not known, or its time has passed",
    403: "The key was made for other things",
    404: "There is nothing of this name",
    405: "Nothing at this address works that way",
    413: "What was sent is too large",
    422: "The question is wrong: see `code`",
    429: "Too many questions: see Retry-After",
    503: "The register cannot be read: this is no answer",
}
USUAL = (401, 403, 422, 429, 503)


def answers(shape: type[BaseModel], words: str, *others: int) -> Response:
    """An answer and the refusals, the usual ones and `others`, for the description."""
    refusals: Any = {
        f"HTTP_{status}": (Problem, REFUSALS[status]) for status in (*USUAL, *others)
    }
    return Response(HTTP_200=(shape, words), **refusals)


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
    scheme: str | None = Field(
        None,
        description=(
            "The scheme asked about; impact if not given, or that of the certificate "
            "asked for. An answer is about one scheme only"
        ),
    )

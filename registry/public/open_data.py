"""An edition as programs of others read it: whole, as a UNTP scheme, as an Open Badge.

Everything is made from the same data by which the register judges.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from registry.certificates.credential import BADGES, TOPIC, UNTP, VC
from registry.criteria.edition import Edition, Requirement
from registry.criteria.result import Verdict

SCHEMA = "/criteria/edition.schema.json"
StateCode = Literal["draft", "to_come", "in_force", "replaced"]


class Table(BaseModel):
    """A dated table the rules look into, by its SHA-256."""

    dated: str
    sha256: str


class PublishedEdition(BaseModel):
    """An edition with what pins it.

    `digest` is the SHA-256 of rules and official texts: of `content` as JSON with
    sorted keys and no blanks, in UTF-8, without the members help, en, source, public,
    summary and intro wherever they stand. `text_digest` leaves nothing out.
    """

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    dialect: str = Field(alias="$schema")
    id: str
    key: str
    state: StateCode
    digest: str
    text_digest: str
    tables: dict[str, Table]
    content: Edition


def schema(base: str) -> dict[str, Any]:
    """The JSON Schema of an edition."""
    made = PublishedEdition.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}{SCHEMA}",
        **made,
    }


def whole(edition: Edition, state: StateCode, base: str) -> dict[str, Any]:
    """The edition in full, every word of it."""
    return {
        "$schema": f"{base}{SCHEMA}",
        "id": f"{base}/criteria/{edition.key}.json",
        "key": edition.key,
        "state": state,
        "digest": edition.digest,
        "text_digest": edition.text_digest,
        "tables": {
            name: {"dated": one.dated.isoformat(), "sha256": one.digest}
            for name, one in edition.tables.items()
        },
        "content": edition.model_dump(
            mode="json", by_alias=True, exclude_defaults=True
        ),
    }


def conformity_scheme(
    edition: Edition, state: StateCode, base: str, body: Mapping[str, str]
) -> dict[str, Any]:
    """The edition as a ConformityScheme of UN/CEFACT's Transparency Protocol.

    The shape is that of the scope in our credentials, with its criteria written out.
    """
    page = f"{base}/it/criteria/{edition.key}"
    return {
        "@context": [VC, UNTP],
        "type": ["ConformityScheme"],
        "id": page,
        "name": edition.title.it,
        "description": edition.summary.it,
        "version": edition.edition,
        "status": "active" if state == "in_force" else "proposed",
        "validFrom": edition.in_force_from.isoformat(),
        "owner": dict(body),
        "digestMultibase": f"f1220{edition.digest}",
        "criterion": [_criterion(one, page, state) for one in edition.requirements],
    }


def achievement(edition: Edition, base: str, body: Mapping[str, str]) -> dict[str, Any]:
    """The edition as an Achievement of 1EdTech Open Badges 3.0.

    Each requirement is a result somebody may have, with the value it takes.
    """
    page = f"{base}/it/criteria/{edition.key}"
    told = "\n".join(f"- {one.title.it}: {one.text.it}" for one in edition.requirements)
    return {
        "@context": [VC, BADGES],
        "type": ["Achievement"],
        "id": page,
        "achievementType": "Certification",
        "name": f"{edition.title.it} {edition.edition}",
        "description": edition.official_title.it,
        "inLanguage": "it",
        "version": edition.edition,
        "creator": {"type": ["Profile"], **body, "url": base},
        "criteria": {"id": page, "narrative": told},
        "resultDescription": [
            {
                "type": ["ResultDescription"],
                "id": f"{page}#{one.id}",
                "name": one.title.it,
                "resultType": "Result",
                "allowedValue": [verdict.value for verdict in Verdict],
                **({"requiredValue": Verdict.MET.value} if one.mandatory else {}),
            }
            for one in edition.requirements
        ],
    }


def _criterion(one: Requirement, page: str, state: StateCode) -> dict[str, Any]:
    return {
        "type": ["Criterion"],
        "id": f"{page}#{one.id}",
        "name": one.title.it,
        "description": one.text.it,
        "conformityTopic": TOPIC,
        "status": "active" if state == "in_force" else "proposed",
    }

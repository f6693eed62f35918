"""An edition as it is kept in the database, and back."""

import json
from collections.abc import Mapping
from typing import Any

from registry.criteria.edition import Edition


def write_copy(edition: Edition) -> dict[str, Any]:
    """The whole edition as JSON, what is as usual left out, as its digests see it."""
    return edition.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def read_copy(content: Mapping[str, Any]) -> Edition:
    """The edition again, without the tables its rules look into."""
    return Edition.model_validate_json(json.dumps(content))

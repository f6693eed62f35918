"""impact/2022 as if it let a criterion not apply, with a reason."""

from typing import Any

from registry.criteria.edition import Edition
from registry.criteria.reader import Editions, read_all
from registry.paths import CRITERIA

WHY = "Siamo tre soci amministratori, senza lavoratori."
QUESTIONS = ("average_workers", "distinct_trained", "courses")
KIND = "training_attestation"


def editions_with(*ids: str) -> Editions:
    """The known editions; in impact/2022 these criteria may not apply."""
    known = read_all(CRITERIA)
    old = known["impact/2022"]
    plain: dict[str, Any] = old.model_dump(by_alias=True)
    for one in plain["requirements"]:
        if one["id"] in ids:
            one["not_applicable"] = "with_reason"
    made = Edition.model_validate(plain).with_tables(old.tables)
    return Editions({**known, made.key: made}, known.drafts)

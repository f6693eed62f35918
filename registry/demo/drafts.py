"""The scheme owner has a draft open for comments."""

from registry.demo.acts import Stage
from registry.editions.operations import consult
from registry.services import services

OWNER = "scheme_owner@demo.example"
DRAFT = "impact/2026"


def open_for_comments(stage: Stage) -> None:
    """Start the consultation on the stricter draft, where it could be read."""
    draft = services().editions.drafts.get(DRAFT)
    if draft is not None:
        consult(draft, by=stage.user(OWNER), at=stage.at)

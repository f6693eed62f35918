"""Keeping a file."""

from datetime import datetime

from registry.db import db
from registry.files.models import File
from registry.files.rules import plain_name
from registry.journal.operations import Actor
from registry.storage import Storage


def keep(
    content: bytes,
    name: str,
    media_type: str,
    *,
    by: Actor,
    at: datetime,
    storage: Storage,
) -> File:
    """Keep the bytes and a row that says whose they are.  The caller checked them."""
    blob = storage.put(content)
    file = File(
        sha256=blob.sha256,
        size=blob.size,
        media_type=media_type,
        name=plain_name(name),
        kept_at=at,
        kept_by_id=by.id,
    )
    db.session.add(file)
    db.session.flush()
    return file

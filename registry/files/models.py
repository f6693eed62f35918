"""What is known of a kept file."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model


class File(Model):
    """One upload or one document of ours; the same bytes twice are two rows."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]  # bytes
    media_type: Mapped[str]
    #: As its owner called it: data, never a path.
    name: Mapped[str]
    kept_at: Mapped[datetime]
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

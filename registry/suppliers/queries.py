"""Finding what companies brought; nobody sees another's."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from registry.accounts.queries import hashed
from registry.db import db
from registry.suppliers.models import SignUp


def sign_up(token: str) -> SignUp | None:
    """What the link in a letter asks for; ask `rules.is_open` too."""
    return db.session.scalar(select(SignUp).where(SignUp.token_sha256 == hashed(token)))


def sign_ups_of(email: str) -> Sequence[SignUp]:
    """What an address asked for before, given in its one spelling."""
    return db.session.scalars(select(SignUp).where(SignUp.email == email)).all()


def sign_ups_over(at: datetime) -> Sequence[int]:
    """The keys of those whose link opens nothing any more."""
    return db.session.scalars(select(SignUp.id).where(SignUp.until <= at)).all()

"""Questions about people, passwords and sign-ins; no database."""

import itertools
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from registry.accounts.models import Role, SignIn, User
from registry.errors import N_

#: ASVS 5.0, 6.2.1 (8 at least, 15 advised); 12 is a choice of the registry.
SHORTEST = 12
#: ASVS 5.0, 6.2.9 asks for 64 or more; beyond this nobody types.
LONGEST = 1000
#: ASVS 5.0, 6.4.1: a first secret is short-lived. 72 hours is our choice.
INVITATION_LASTS = timedelta(hours=72)
#: ASVS 5.0, 7.3.1 and 7.3.2; the figures are ours.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
#: A sign-in in use is renewed at most so often: reading pages should not write.
RENEWED_EVERY = timedelta(minutes=1)

#: Roles that anyone who may invite at all may give.
OUTSIDE = frozenset({Role.COOPERATIVE, Role.COMPANY})

TOO_SHORT = N_("Use at least 12 characters: three or four words are easy to remember.")
TOO_LONG = N_("Use at most 1000 characters.")
TOO_COMMON = N_("This password is among the first that anyone would try.")
ABOUT_YOU = N_("This password says little more than who you are or where you are.")

_LEET = str.maketrans("013457@$!", "oieastasi")
_RUNS = ("0123456789", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")
#: Words of this place, which a guesser tries first (ASVS 5.0, 6.2.11).
_HERE = frozenset({"registro", "registry", "impact", "effettocooperativo"})


def problem_with(password: str, about: Iterable[str] = ()) -> str | None:
    """
    What is wrong with a new password, as a marked sentence; None when nothing is.

    `about` are words the owner is known by.  Length, then ASVS 5.0 6.2.4 (not a common
    one) and 6.2.11 (not a word of the place); never which kinds of characters (6.2.5).
    """
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    if _is_common(password):
        return TOO_COMMON
    bare = _bare(password)
    words = {_bare(part) for text in about for part in re.split(r"[\s@.]+", text)}
    for word in sorted(words | _HERE, key=len, reverse=True):
        if len(word) >= 3:
            bare = bare.replace(word, "")
    return ABOUT_YOU if len(bare) < 3 and bare != _bare(password) else None


def _is_common(password: str) -> bool:
    plain = password.casefold()
    if plain in common_passwords() or len(set(plain)) <= 2 or _is_run(plain):
        return True
    stems = {_bare(plain), _bare(plain.translate(_LEET)), plain.strip("0123456789!?.")}
    return any(_repeats_common(stem) for stem in stems)


def _repeats_common(stem: str) -> bool:
    """Whether a stem is a common password, once or again and again."""
    known = common_passwords()
    return stem in known or any(
        len(stem) % size == 0
        and stem == stem[:size] * (len(stem) // size)
        and (stem[:size] in known or size <= 3)
        for size in range(1, len(stem) // 2 + 1)
    )


def _is_run(plain: str) -> bool:
    both = itertools.chain(_RUNS, (run[::-1] for run in _RUNS))
    return any(plain in run * (len(plain) // len(run) + 2) for run in both)


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalpha())


@cache
def common_passwords() -> frozenset[str]:
    """Passwords and stems of passwords that everyone chooses, in small letters."""
    path = Path(__file__).with_name("common_passwords.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def tidy_email(email: str) -> str | None:
    """An address in its one spelling, small letters; None when it is not one."""
    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def is_invited(user: User, at: datetime) -> bool:
    """Whether an invitation waits to be taken up."""
    return user.invited_until is not None and at < user.invited_until


def has_joined(user: User) -> bool:
    """Whether the person took up the invitation once."""
    return user.confirmed_at is not None


def is_live(sign_in: SignIn, at: datetime) -> bool:
    """Whether a signed-in browser still is: not ended, not idle, not too old."""
    return (
        sign_in.ended_at is None
        and at - sign_in.started_at < ABSOLUTE
        and at - sign_in.seen_at < IDLE
    )


def may_give(by: User, roles: Iterable[Role]) -> bool:
    """Whether `by` may give these roles: administrators all, others only outside ones.

    Nobody gives the machine's own role.
    """
    wanted = set(roles)
    if Role.REGISTRY in wanted:
        return False
    return by.is_a(Role.ADMINISTRATOR, Role.REGISTRY) or wanted <= OUTSIDE


def may_manage(by: User) -> bool:
    """Whether `by` may shut people out, let them in again and change their roles."""
    return by.is_a(Role.ADMINISTRATOR, Role.REGISTRY)

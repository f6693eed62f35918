"""Pure questions about companies that ask for an account, and about their lists."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from registry.accounts import rules as people
from registry.accounts.models import User
from registry.errors import N_, Invalid
from registry.organisations import rules as registered
from registry.organisations.models import Organisation
from registry.organisations.rules import Refused
from registry.suppliers.columns import KINDS, NUMBERS
from registry.suppliers.models import ListState, SignUp, SupplierList
from registry.verification.questions import DateInFuture

#: verification-api.md, “Limits”.
AT_ONCE = 2
#: From which likeness names are proposed where a company does not choose; ours.
THRESHOLD = 85
LOWEST, HIGHEST = 60, 100
#: verification-api.md: erased after seven days.
KEPT_FOR = timedelta(days=7)
#: Checked while the company waits; longer lists are left to the job.
AT_ONCE_ROWS = 2_000
#: The first day the register can say anything of.
FIRST_DAY = date(2000, 1, 1)


class BadThreshold(Invalid):
    """The likeness asked for is none."""

    field = "threshold"


class BadDay(Invalid):
    """The day asked for is none the register can answer for."""

    field = "on"


class NoColumn(Invalid):
    """There is nothing to go by."""


class NotAnAddress(Invalid):
    """What was given is not an e-mail address."""


def checked_email(typed: str) -> str:
    """An address in its one spelling.  Raises NotAnAddress."""
    address = people.tidy_email(typed)
    if address is None:
        raise NotAnAddress(N_("This is not an e-mail address."))
    return address


def _vat(typed: str) -> str:
    number = registered.checked_vat(typed)
    if number is None:
        raise registered.BadNumber(N_("Give the partita IVA of the company."))
    return number


SIGN_UP: dict[str, Callable[[str], str]] = {
    "company": registered.checked_name,
    "vat": _vat,
    "province": registered.checked_province,
    "town": registered.checked_town,
    "email": checked_email,
}


def checked_sign_up(**given: str) -> dict[str, Any]:
    """What a company says of itself, in one spelling.  Raises Refused."""
    found, problems = {}, []
    for name, check in SIGN_UP.items():
        try:
            found[name] = check(given[name])
        except Invalid as problem:
            problems.append((name, problem))
    if problems:
        raise Refused(problems)
    return found


def is_open(asked: SignUp, at: datetime) -> bool:
    """Whether the link of a letter still opens an account."""
    return at < asked.until


def may_hand_in(user: User, company: Organisation) -> bool:
    """Whether somebody may hand in lists of an organisation: who speaks for it."""
    return registered.represents(user, company) is not None


def check_wishes(threshold: int, on: date | None, today: date) -> None:
    """Raise BadThreshold, BadDay or DateInFuture."""
    if not LOWEST <= threshold <= HIGHEST:
        raise BadThreshold(
            N_("Choose a likeness from %(lowest)s to %(highest)s."),
            lowest=LOWEST,
            highest=HIGHEST,
        )
    if on is not None and on > today:
        raise DateInFuture(N_("The register answers for today and for the past."))
    if on is not None and on < FIRST_DAY:
        raise BadDay(N_("Give the day as YYYY-MM-DD."))


def check_columns(columns: Mapping[str, int], width: int) -> None:
    """Raise NoColumn where neither a number nor a name can be looked for."""
    if set(columns) - set(KINDS) or any(not 0 <= n < width for n in columns.values()):
        raise NoColumn(N_("There is no such column."))
    if not any(kind in columns for kind in (*NUMBERS, "name")):
        raise NoColumn(
            N_("Say at least which column holds a number, or the name of the supplier.")
        )
    if len(set(columns.values())) != len(columns):
        raise NoColumn(N_("One column was chosen twice."))


def erased_on(of: SupplierList) -> datetime:
    """When a list is erased by itself."""
    return of.handed_in_at + KEPT_FOR


def is_at_work(of: SupplierList) -> bool:
    """Whether the registry has something to do for a list."""
    return of.state in (ListState.UPLOADED, ListState.CHECKING)


def may_be_cancelled(of: SupplierList) -> bool:
    """Whether a list can still be stopped."""
    return is_at_work(of) or of.state in (ListState.ASKING, ListState.CONFIRMING)

"""Which numbers, names and places can be true; who may do what.  No database."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import ateco

from registry.accounts.models import Role, User
from registry.criteria.tables import Province, read_provinces
from registry.errors import N_, Invalid
from registry.organisations.models import (
    Capacity,
    Listing,
    Organisation,
    OrganisationKind,
)
from registry.paths import CRITERIA
from registry.search import key
from registry.typefaces import missing_characters

#: What fits on two lines of the certificate (certificate.md).
LONGEST_NAME = 105
LONGEST_PLACE = 80
LONGEST_ADDRESS = 120
LONGEST_WEBSITE = 200
#: Eleven digits make a number; nobody needs to read back more than this.
LONGEST_QUOTED = 40
MOST_SEATS = 50
MOST_ACTIVITIES = 30
ATECO = "2025"  # in force since 1 April 2025 (istat.it)

#: Offices of the partita IVA that are not provinces (python-stdnum).
SPECIAL_OFFICES = frozenset({120, 121, 888, 999})
#: Names of towns as people shorten them; ours.
TOWNS = {
    "brembate sopra": "Brembate di Sopra",
    "almenno s bartolomeo": "Almenno San Bartolomeo",
    "almenno s salvatore": "Almenno San Salvatore",
    "s pellegrino terme": "San Pellegrino Terme",
    "s giovanni bianco": "San Giovanni Bianco",
    "villa d alme": "Villa d'Almè",
    "alme": "Almè",
}

ALBO = re.compile(r"[AC][0-9]{6}")
REA = re.compile(r"([A-Z]{2})[ -]*0*([1-9][0-9]{0,7})")
DIGITS = re.compile(r"[0-9]+")
#: Twice a digit, the digits of that added.
DOUBLED = str.maketrans("0123456789", "0246813579")
#: Those who look after the register see all of it.
KEEPERS = (Role.SECRETARIAT, Role.COMMITTEE, Role.ADMINISTRATOR, Role.REGISTRY)


class BadNumber(Invalid):
    """An identifier that cannot exist; the sentence says which and why."""


class BadName(Invalid):
    """A name that cannot be shown or printed as it is."""


class BadPlace(Invalid):
    """There is no such place."""


class BadCode(Invalid):
    """There is no such ATECO code."""


class Refused(Invalid):
    """Several facts are wrong: `problems` are pairs of a field and a refusal."""

    def __init__(self, problems: list[tuple[str, Invalid]]) -> None:
        super().__init__(N_("Some of what was given cannot be right."))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the register holds of an organisation, checked and in one spelling."""

    kind: OrganisationKind
    name: str
    vat: str | None
    tax_code: str | None
    albo: str | None
    rea: str | None
    province: str
    town: str
    address: str | None
    website: str | None

    @property
    def name_key(self) -> str:
        return key(self.name)


def checked(kind: OrganisationKind, given: Mapping[str, Any]) -> Facts:
    """
    Everything known of an organisation in one spelling, or all that is wrong with it.

    Raises Refused.  An organisation needs a partita IVA or a codice fiscale.
    """
    if problems := problems_in(given):
        raise Refused(problems)
    found: dict[str, Any] = {
        name: check(str(given.get(name) or "")) for name, check in CHECKS.items()
    }
    return Facts(kind=kind, **found)


def problems_in(given: Mapping[str, Any]) -> list[tuple[str, Invalid]]:
    """All that is wrong with what is said of an organisation, by field."""
    problems: list[tuple[str, Invalid]] = []
    for name, check in CHECKS.items():
        try:
            check(str(given.get(name) or ""))
        except Invalid as problem:
            problems.append((name, problem))
    if not given.get("vat") and not given.get("tax_code"):
        missing = N_(
            "Give the partita IVA or, where there is none, the codice fiscale."
        )
        problems.append(("vat", BadNumber(missing)))
    return problems


def checked_vat(typed: str) -> str | None:
    """A partita IVA as its eleven digits; None for nothing.  Raises BadNumber."""
    number = _compact(typed)
    if not number:
        return None
    if not DIGITS.fullmatch(number):
        raise BadNumber(
            N_("The partita IVA “%(number)s” must be eleven digits and nothing else."),
            number=_quoted(number),
        )
    if len(number) != 11:
        raise BadNumber(
            N_("The partita IVA %(number)s has %(count)s digits instead of eleven."),
            count=len(number),
            number=_quoted(number),
        )
    _check_digit(
        number,
        N_(
            "The partita IVA %(number)s has a wrong check digit: the last should be "
            "%(digit)s. Check all the digits."
        ),
    )
    if not _has_office(number):
        raise BadNumber(
            N_(
                "The partita IVA %(number)s does not exist: digits 8 to 10 are not the "
                "code of an office."
            ),
            number=_quoted(number),
        )
    return number


def checked_tax_code(typed: str) -> str | None:
    """
    The codice fiscale of an organisation, eleven digits; None for nothing.

    It is built as the partita IVA and usually the same; after mergers it may differ.
    Raises BadNumber, also for a person's code of sixteen characters.
    """
    number = _compact(typed)
    if not number:
        return None
    if re.fullmatch(r"[A-Z]{6}[0-9A-Z]{10}", number):
        raise BadNumber(
            N_(
                "%(number)s is the codice fiscale of a person: that of an organisation "
                "has eleven digits."
            ),
            number=_quoted(number),
        )
    if not DIGITS.fullmatch(number) or len(number) != 11:
        raise BadNumber(
            N_("The codice fiscale “%(number)s” must be eleven digits."),
            number=_quoted(number),
        )
    _check_digit(
        number,
        N_(
            "The codice fiscale %(number)s has a wrong check digit: the last should be "
            "%(digit)s. Check all the digits."
        ),
    )
    return number


def checked_albo(typed: str) -> str | None:
    """A number of the Albo delle società cooperative: A or C and six digits."""
    number = re.sub(r"[\s.-]", "", typed).upper()
    if not number:
        return None
    if not ALBO.fullmatch(number):
        raise BadNumber(
            N_(
                "The Albo number “%(number)s” must be the letter A or C and six "
                "digits, as A122855."
            ),
            number=_quoted(number),
        )
    return number


def checked_rea(typed: str) -> str | None:
    """A REA number as BG-250195: the chamber and a number without leading zeros."""
    number = typed.strip().upper()
    if not number:
        return None
    found = REA.fullmatch(number)
    if not found or found[1] not in provinces():
        raise BadNumber(
            N_(
                "The REA number “%(number)s” must be the chamber of commerce and a "
                "number, as BG-250195."
            ),
            number=_quoted(number),
        )
    return f"{found[1]}-{found[2]}"


def checked_name(typed: str) -> str:
    """A name that can be shown and printed.  Raises BadName."""
    name = _line(typed)
    if not name:
        raise BadName(N_("Give the name of the organisation."))
    if len(name) > LONGEST_NAME:
        raise BadName(
            N_("The name has %(count)s characters; the certificate has room for 105."),
            count=len(name),
        )
    if missing := missing_characters(name):
        codes = ", ".join(f"U+{ord(letter):04X}" for letter in missing[:5])
        raise BadName(
            N_("The name has characters that the certificate cannot print: %(codes)s."),
            codes=codes,
        )
    if not key(name):
        raise BadName(N_("The name needs at least one letter or digit."))
    return name


def checked_province(typed: str) -> str:
    """The sigla of a province, from its sigla or its name.  Raises BadPlace."""
    wanted = _line(typed)
    if wanted.upper() in provinces():
        return wanted.upper()
    for province in provinces().values():
        if key(province.name) == key(wanted) != "":
            return province.sigla
    if not wanted:
        raise BadPlace(N_("Give the province of the registered seat."))
    raise BadPlace(
        N_("“%(province)s” is not a province: give its two letters, as BG."),
        province=_quoted(wanted),
    )


def checked_town(typed: str) -> str:
    """The name of a town, written out where it is known shortened.  Raises BadPlace."""
    town = _place(typed, LONGEST_PLACE)
    if not town:
        raise BadPlace(N_("Give the town of the registered seat."))
    return TOWNS.get(key(town), town)


def checked_address(typed: str) -> str | None:
    """A street and number, or None.  Raises BadPlace."""
    return _place(typed, LONGEST_ADDRESS) or None


def checked_website(typed: str) -> str | None:
    """An address that begins with http:// or https://, or None.  Raises BadName."""
    address = _line(typed)
    if not address:
        return None
    if "://" not in address and ":" not in address:
        address = f"https://{address}"
    bad = BadName(
        N_("“%(address)s” is not the address of a site, as https://www.example.org."),
        address=_quoted(address),
    )
    if len(address) > LONGEST_WEBSITE or not re.fullmatch(r"[!-~]+", address):
        raise bad
    try:
        parts = urlsplit(address)
    except ValueError:
        raise bad from None
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or ""):
        raise bad
    return address


CHECKS: dict[str, Callable[[str], str | None]] = {
    "name": checked_name,
    "vat": checked_vat,
    "tax_code": checked_tax_code,
    "albo": checked_albo,
    "rea": checked_rea,
    "province": checked_province,
    "town": checked_town,
    "address": checked_address,
    "website": checked_website,
}


def checked_ateco(typed: str) -> str:
    """An ATECO 2025 code of four to six digits, as 81.21.00.  Raises BadCode."""
    code = re.sub(r"\s", "", typed)[:LONGEST_QUOTED]
    if re.fullmatch(r"[0-9]{4,6}", code):
        code = ".".join(code[n : n + 2] for n in range(0, len(code), 2))
    right = re.fullmatch(r"[0-9]{2}\.[0-9]{2}(\.[0-9]{1,2})?", code)
    if not right or ateco.lookup(code, edition=ATECO) is None:
        raise BadCode(
            N_("“%(code)s” is not a code of ATECO 2025, as 81.21.00."),
            code=_quoted(typed),
        )
    return code


def ateco_title(code: str) -> str:
    """The words of an ATECO 2025 code, in Italian as ISTAT gives them; or nothing."""
    node = ateco.lookup(code, edition=ATECO)
    return str(node.title) if node else ""


@cache
def provinces() -> dict[str, Province]:
    """The provinces by sigla, those that ended included."""
    return read_provinces(CRITERIA / "tables")


def represents(user: User, organisation: Organisation) -> Capacity | None:
    """In which capacity somebody speaks for an organisation now; None for not."""
    for one in organisation.representations:
        if one.user_id == user.id and one.ended_at is None:
            return one.capacity
    return None


def is_answered_for(organisation: Organisation) -> bool:
    """
    Whether somebody is its legal representative here: the secretariat has said so.

    A company that only signed itself up to check suppliers has nobody who could
    declare anything in its name.
    """
    return any(
        one.capacity is Capacity.LEGAL_REPRESENTATIVE and one.ended_at is None
        for one in organisation.representations
    )


def may_describe(user: User, organisation: Organisation) -> bool:
    """Whether somebody may change seats, activities, sectors and the website."""
    return user.is_a(Role.SECRETARIAT, Role.ADMINISTRATOR, Role.REGISTRY) or (
        represents(user, organisation) is not None
    )


def may_identify(user: User) -> bool:
    """Whether somebody may enter organisations and change what identifies them."""
    return user.is_a(Role.SECRETARIAT, Role.ADMINISTRATOR, Role.REGISTRY)


def may_appoint(user: User, organisation: Organisation, capacity: Capacity) -> bool:
    """
    Whether somebody may say who speaks for an organisation.

    The secretariat all; a legal representative, those who are delegated; of a company
    on the register only to ask questions, any of its people may call in a colleague.
    """
    if may_identify(user):
        return True
    mine = represents(user, organisation)
    may = mine is Capacity.LEGAL_REPRESENTATIVE or (
        mine is not None and organisation.kind is OrganisationKind.COMPANY
    )
    return may and capacity is Capacity.DELEGATE


def role_of_speakers(organisation: Organisation) -> Role:
    """What those who speak for an organisation are for the registry."""
    is_company = organisation.kind is OrganisationKind.COMPANY
    return Role.COMPANY if is_company else Role.COOPERATIVE


def says_the_same(
    listing: Listing,
    facts: Mapping[str, Any],
    periods: Mapping[str, bool],
    organisation: Organisation | None,
) -> bool:
    """Whether a listing says all this already: its columns, its lists, its owner."""
    had = {one.period: one.listed for one in listing.appearances}
    return (
        all(getattr(listing, column) == value for column, value in facts.items())
        and had == {**had, **periods}
        and (organisation is None or listing.organisation_id == organisation.id)
    )


def _compact(typed: str) -> str:
    number = re.sub(r"[\s.:/-]", "", typed).upper()
    return number.removeprefix("IT") if number[2:3].isdigit() else number


def has_right_digit(number: str) -> bool:
    """Whether eleven digits end with the check digit of the others."""
    return right_digit(number[:-1]) == number[-1]


def right_digit(ten: str) -> str:
    """
    The check digit of the ten digits of a partita IVA (Luhn's, as `stdnum.luhn`).

    Written out, because a list of suppliers asks for it a hundred thousand times.
    """
    return str(-sum(map(int, ten[::2] + ten[1::2].translate(DOUBLED))) % 10)


def _check_digit(number: str, message: str) -> None:
    right = right_digit(number[:-1])
    if number[-1] != right or int(number[:7]) == 0:
        raise BadNumber(message, number=number, digit=right)


def _has_office(number: str) -> bool:
    office = int(number[7:10])
    return 1 <= office <= 100 or office in SPECIAL_OFFICES


def _line(typed: str) -> str:
    """One line, composed letters, single blanks."""
    return " ".join(unicodedata.normalize("NFC", typed).split())


def _place(typed: str, longest: int) -> str:
    place = _line(typed)
    if len(place) > longest:
        raise BadPlace(
            N_("“%(place)s…” is too long: %(count)s characters at most."),
            place=_quoted(place),
            count=longest,
        )
    if any(unicodedata.category(letter).startswith("C") for letter in place):
        raise BadPlace(N_("There is an invisible character in the place."))
    return place


def _quoted(text: str) -> str:
    """What was typed, fit to be read back: no invisible letters, not too long."""
    shown = "".join(c for c in text if not unicodedata.category(c).startswith("C"))
    return shown if len(shown) <= LONGEST_QUOTED else shown[:LONGEST_QUOTED] + "…"

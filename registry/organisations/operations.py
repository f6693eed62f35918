"""Every change to organisations, to who speaks for them, and to listings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from registry.accounts import operations as accounts
from registry.accounts import queries as people
from registry.accounts import rules as people_rules
from registry.accounts.models import Role, User
from registry.clock import civil_day
from registry.db import db
from registry.errors import N_, Conflict, Forbidden, Invalid
from registry.journal.operations import record
from registry.mail.operations import post
from registry.organisations import queries, rules
from registry.organisations.models import (
    Activity,
    Appearance,
    Capacity,
    FormerName,
    Listing,
    Organisation,
    OrganisationKind,
    Representation,
    Seat,
    Sector,
    SectorRow,
)
from registry.organisations.rules import Facts, Refused
from registry.search import key

INVITATION = "organisations/invitation"


class AlreadyRegistered(Invalid):
    """Another organisation has this number."""


class NotYourOrganisation(Forbidden):
    """Only those who speak for it, or the secretariat, may do this."""


class NotAppointable(Conflict):
    """This person cannot speak for an organisation."""


class LastRepresentative(Conflict):
    """An organisation keeps somebody who can answer for it."""


class AlreadyAnsweredFor(Conflict):
    """There is nothing to confirm: it has a legal representative."""


class TooMany(Invalid):
    """More rows than anyone needs."""


def add(
    *,
    kind: OrganisationKind,
    name: str,
    province: str,
    town: str,
    vat: str | None = None,
    tax_code: str | None = None,
    albo: str | None = None,
    rea: str | None = None,
    address: str | None = None,
    website: str | None = None,
    by: User,
    at: datetime,
) -> Organisation:
    """
    Enter an organisation; every number is checked and kept in one spelling.

    Raises Refused with everything that is wrong (check digits, names, places, numbers
    another one has), or NotYourOrganisation.
    """
    _may_identify(by)
    given = {"name": name, "province": province, "town": town, "vat": vat,
             "tax_code": tax_code, "albo": albo, "rea": rea, "address": address,
             "website": website}  # fmt: skip
    facts = rules.checked(kind, given)
    _is_new(facts)
    organisation = Organisation(
        **asdict(facts), name_key=facts.name_key, created_at=at, changed_at=at
    )
    db.session.add(organisation)
    db.session.flush()
    record("organisation.added", organisation, by=by, at=at, **_as_told(asdict(facts)))
    return organisation


def change(
    organisation: Organisation,
    given: Mapping[str, Any],
    *,
    kind: OrganisationKind | None = None,
    by: User,
    at: datetime,
) -> None:
    """
    Change what identifies an organisation: what `given` does not name stays.

    The journal keeps the words before; a former name stays public, but for one that
    differed only in accents, capitals or punctuation.  Raises Refused or
    NotYourOrganisation.
    """
    _may_identify(by)
    now = {name: getattr(organisation, name) for name in rules.CHECKS}
    facts = rules.checked(kind or organisation.kind, {**now, **given})
    _is_new(facts, but=organisation)
    before = {
        name: getattr(organisation, name)
        for name, value in asdict(facts).items()
        if getattr(organisation, name) != value
    }
    if facts.name_key != organisation.name_key:
        _keep_name(organisation, until_on=civil_day(at))
    for name, value in asdict(facts).items():
        setattr(organisation, name, value)
    organisation.name_key = facts.name_key
    organisation.changed_at = at
    if before:
        record("organisation.changed", organisation, by=by, at=at, **_as_told(before))


def describe(
    organisation: Organisation,
    *,
    seats: Sequence[Mapping[str, str]] = (),
    ateco: Iterable[str] = (),
    sectors: Iterable[Sector] = (),
    website: str | None = None,
    by: User,
    at: datetime,
) -> None:
    """
    Say where an organisation works and what it does: all seats, codes and sectors.

    A seat is a town, a province and perhaps an address.  Raises Refused with the field
    of each mistake ("seats-0-town", "ateco"), TooMany or NotYourOrganisation.
    """
    if not rules.may_describe(by, organisation):
        raise NotYourOrganisation(N_("You do not speak for this organisation."))
    codes = [code for code in dict.fromkeys(ateco) if code.strip()]
    if len(seats) > rules.MOST_SEATS or len(codes) > rules.MOST_ACTIVITIES:
        raise TooMany(N_("There are more rows than the register has room for."))
    problems: list[tuple[str, Invalid]] = []
    places = [_checked_seat(n, seat, problems) for n, seat in enumerate(seats)]
    known = [_tried(rules.checked_ateco, code, "ateco", problems) for code in codes]
    site = _tried(rules.checked_website, website or "", "website", problems)
    if problems:
        raise Refused(problems)
    organisation.seats = [Seat(**place) for place in places]
    kept = {row.code: row for row in organisation.ateco}
    organisation.ateco = [
        kept.get(str(code)) or Activity(code=str(code)) for code in dict.fromkeys(known)
    ]
    had = {row.sector: row for row in organisation.sectors}
    organisation.sectors = [
        had.get(sector) or SectorRow(sector=sector) for sector in dict.fromkeys(sectors)
    ]
    organisation.website = site
    organisation.changed_at = at
    record("organisation.described", organisation, by=by, at=at, seats=len(places),
           ateco=[str(code) for code in known])  # fmt: skip


def appoint(
    organisation: Organisation,
    user: User,
    capacity: Capacity,
    *,
    by: User,
    at: datetime,
) -> Representation:
    """
    Let a person speak for an organisation, in one capacity at a time.

    Raises NotYourOrganisation, or NotAppointable for a disabled account.
    """
    if not rules.may_appoint(by, organisation, capacity):
        raise NotYourOrganisation(
            N_("Only the secretariat or the legal representative may do this.")
        )
    if not user.active:
        raise NotAppointable(
            N_("This person cannot be appointed: write to the secretariat.")
        )
    current = queries.speaks_for(user, organisation)
    if current is not None:
        if current.capacity is capacity:
            return current
        current.ended_at = at
        db.session.flush()
    made = Representation(user=user, capacity=capacity, started_at=at)
    organisation.representations.append(made)
    organisation.changed_at = at
    accounts.give_role(user, rules.role_of_speakers(organisation), by=by, at=at)
    db.session.flush()
    record("organisation.speaker_appointed", organisation, by=by, at=at,
           user=user.id, capacity=capacity.value)  # fmt: skip
    return made


def dismiss(representation: Representation, *, by: User, at: datetime) -> None:
    """
    End somebody's speaking for an organisation; what they did stays theirs.

    Raises NotYourOrganisation, or LastRepresentative where only the secretariat could
    then speak for it.
    """
    organisation = representation.organisation
    if not rules.may_appoint(by, organisation, representation.capacity):
        raise NotYourOrganisation(
            N_("Only the secretariat or the legal representative may do this.")
        )
    if representation.ended_at is not None:
        return
    others = [
        one
        for one in organisation.representations
        if one.ended_at is None
        and one.id != representation.id
        and one.capacity is Capacity.LEGAL_REPRESENTATIVE
    ]
    if representation.capacity is Capacity.LEGAL_REPRESENTATIVE and not others:
        raise LastRepresentative(
            N_("Appoint another legal representative first: somebody has to answer.")
        )
    representation.ended_at = at
    organisation.changed_at = at
    record("organisation.speaker_dismissed", organisation, by=by, at=at,
           user=representation.user_id)  # fmt: skip


def invite_speaker(
    organisation: Organisation,
    email: str,
    name: str,
    capacity: Capacity,
    *,
    by: User,
    at: datetime,
    language: str = "it",
) -> User:
    """
    Ask somebody to speak for an organisation: an invitation (a new one to who has not
    taken up the last), or, to who has an account already, a letter that says so.

    Raises what `appoint` and `accounts.invite` raise.
    """
    if not rules.may_appoint(by, organisation, capacity):
        raise NotYourOrganisation(
            N_("Only the secretariat or the legal representative may do this.")
        )
    address = people_rules.tidy_email(email)
    known = people.by_email(address) if address else None
    facts: dict[str, Any] = {
        "organisation": organisation.name,
        "capacity": capacity.value,
    }
    if known is None:
        user = accounts.invite(
            email,
            name,
            roles=[rules.role_of_speakers(organisation)],
            language=language,
            letter=INVITATION,
            by=by,
            at=at,
            **facts,
        )
        appoint(organisation, user, capacity, by=by, at=at)
        return user
    appoint(organisation, known, capacity, by=by, at=at)
    if people_rules.has_joined(known):
        post("organisations/appointed", to=[known], about=organisation.reference, at=at,
             id=organisation.id, inviter=by.name, **facts)  # fmt: skip
    else:
        accounts.invite_again(known, by=by, at=at, letter=INVITATION, **facts)
    return known


def ask_confirmation(organisation: Organisation, *, by: User, at: datetime) -> None:
    """
    Ask the secretariat to appoint a legal representative: one that signed itself up to
    check suppliers has none, and nobody could declare anything in its name.

    Asking again changes nothing.  Raises NotYourOrganisation or AlreadyAnsweredFor.
    """
    if rules.represents(by, organisation) is None:
        raise NotYourOrganisation(N_("You do not speak for this organisation."))
    if rules.is_answered_for(organisation):
        raise AlreadyAnsweredFor(N_("Somebody answers for this organisation already."))
    if organisation.confirmation_asked_at is not None:
        return
    organisation.confirmation_asked_at = at
    record("organisation.confirmation_asked", organisation, by=by, at=at)
    post("organisations/to_confirm", to=people.staff(Role.SECRETARIAT),
         about=organisation.reference, at=at, organisation=organisation.name,
         id=organisation.id, asker=by.name)  # fmt: skip


def register(
    *, email: str, person: str, by: User, at: datetime, **facts: Any
) -> Organisation:
    """
    Enter an organisation and invite its legal representative, in one go.

    `facts` are those of `add`.  Raises what `add` and `invite_speaker` raise.
    """
    organisation = add(**facts, by=by, at=at)
    invite_speaker(
        organisation, email, person, Capacity.LEGAL_REPRESENTATIVE, by=by, at=at
    )
    return organisation


def list_published(
    *,
    scheme: str,
    name: str,
    town: str,
    province: str,
    kind: str,
    source: str,
    periods: Mapping[str, bool],
    listed_on: date,
    organisation: Organisation | None = None,
    by: User,
    at: datetime,
) -> Listing:
    """
    Keep what the owner of a scheme published about a name: never that we certified it.

    `periods` says for each list ("2023", "2024-08") whether the name stood in it;
    `listed_on` is the day the list was taken.  Doing it again with the same words
    changes nothing; with others it brings the record up to date.
    """
    _may_identify(by)
    found = queries.listing(scheme, name, province)
    facts = {"name": name, "town": town, "kind": kind, "source": source}
    if found is None:
        found = Listing(scheme=scheme, name_key=key(name), province=province,
                        imported_at=at, imported_on=listed_on, **facts)  # fmt: skip
        db.session.add(found)
    elif rules.says_the_same(
        found, {**facts, "imported_on": listed_on}, periods, organisation
    ):
        return found
    for column, value in facts.items():
        setattr(found, column, value)
    found.imported_at, found.imported_on = at, listed_on
    found.organisation = organisation or found.organisation
    had = {one.period: one for one in found.appearances}
    for period, listed in sorted(periods.items()):
        if period in had:
            had[period].listed = listed
        else:
            found.appearances.append(Appearance(period=period, listed=listed))
    db.session.flush()
    record("listing.imported", found, by=by, at=at, name=name, source=source,
           periods=dict(periods))  # fmt: skip
    return found


def _keep_name(organisation: Organisation, *, until_on: date) -> None:
    organisation.former_names.append(
        FormerName(
            name=organisation.name, name_key=organisation.name_key, until_on=until_on
        )
    )


def _checked_seat(
    number: int, seat: Mapping[str, str], problems: list[tuple[str, Invalid]]
) -> dict[str, Any]:
    checks = (
        ("town", rules.checked_town),
        ("province", rules.checked_province),
        ("address", rules.checked_address),
    )
    return {
        name: _tried(check, seat.get(name) or "", f"seats-{number}-{name}", problems)
        for name, check in checks
    }


def _tried(
    check: Any, text: str, field: str, problems: list[tuple[str, Invalid]]
) -> str | None:
    try:
        found: str | None = check(text)
    except Invalid as problem:
        problems.append((field, problem))
        return None
    return found


def _is_new(facts: Facts, but: Organisation | None = None) -> None:
    """Raise Refused where another organisation has one of the numbers."""
    problems: list[tuple[str, Invalid]] = []
    for field, number, same in (
        ("vat", facts.vat, queries.by_vat),
        ("vat", facts.vat if not facts.tax_code else None, queries.by_tax_code),
        ("tax_code", facts.tax_code, queries.by_tax_code),
        ("albo", facts.albo, queries.by_albo),
    ):
        other = same(number) if number else None
        if other is not None and other is not but:
            problems.append((field, _taken(number, other)))
    if problems:
        raise Refused(list({field: (field, one) for field, one in problems}.values()))


def _taken(number: str | None, other: Organisation) -> AlreadyRegistered:
    return AlreadyRegistered(
        N_("%(number)s is the number of %(name)s, which is on the register already."),
        number=number,
        name=other.name,
    )


def _may_identify(by: User) -> None:
    if not rules.may_identify(by):
        raise NotYourOrganisation(N_("Only the secretariat may do this."))


def _as_told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the journal keeps them: without those that are not there."""
    return {
        name: getattr(value, "value", value)
        for name, value in facts.items()
        if value is not None
    }

"""What a receipt says, in words: the same on paper and on pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from registry.certificates.layouts import mark_of
from registry.certificates.standing import REASONS
from registry.errors import N_
from registry.receipts.rules import Payload, fingerprint, is_about_a_list
from registry.web.filters import day, moment
from registry.web.standings import ROWS, STANDINGS

NAMES = {
    "vat": N_("Partita IVA"),
    "tax_code": N_("Codice fiscale"),
    "albo": N_("Albo number"),
    "rea": N_("REA number"),
    "certificate": N_("Certificate number"),
}
Facts = list[tuple[str, Any]]


@dataclass(frozen=True)
class Told:
    """A receipt in the language of the page."""

    payload: Payload

    @property
    def number(self) -> str:
        return str(self.payload["jti"])

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.payload)

    @property
    def issued_at(self) -> datetime:
        return datetime.fromisoformat(self.payload["issued_at"])

    @property
    def address(self) -> str:
        """Where anyone finds out whether it is genuine."""
        return f"{self.payload['register']['address']}/receipts/{self.number}"

    @property
    def is_about_a_list(self) -> bool:
        return is_about_a_list(self.payload)

    @property
    def status(self) -> str | None:
        """The status answered, where one was; a list has counts instead."""
        status: str | None = self.payload["answered"].get("status")
        return status

    @property
    def asked(self) -> Facts:
        """The question: of whom or of which file, for which day, as known when."""
        asked = self.payload["asked"]
        if self.is_about_a_list:
            what = [
                (gettext("A list of suppliers"), _rows(asked["rows"])),
                (gettext("The file handed in (SHA-256)"), asked["file_sha256"]),
            ]
        else:
            what = [(gettext(NAMES[n]), v) for n, v in asked.items() if n in NAMES]
        if scheme := asked.get("scheme"):
            what.append((gettext("Mark"), mark_of(scheme)))
        return [
            *what,
            (gettext("How things stood on"), day(date.fromisoformat(asked["on"]))),
            (gettext("As recorded until"), _moment(asked["known_at"])),
        ]

    @property
    def answered(self) -> Facts:
        """The answer about one."""
        return list(_answer(self.payload["answered"]))

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many rows of a list have each status, in words."""
        counts = self.payload["answered"].get("counts", {})
        return [(_status(code), count) for code, count in counts.items()]

    @property
    def register(self) -> Facts:
        """Who answered, and how far the register reached."""
        said = self.payload["register"]
        facts: Facts = [(gettext("Register"), said["address"])]
        if "last_event" in said:
            known = gettext(
                "%(number)s, recorded %(when)s",
                number=said["last_event"],
                when=_moment(said["recorded_through"]),
            )
            facts.append((gettext("Last event it knew of"), known))
        return facts


def _answer(answered: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield gettext("Status"), _status(answered["status"])
    if since := answered.get("status_since"):
        yield gettext("Since"), day(date.fromisoformat(since))
    if (reason := answered.get("reason_code")) in REASONS:
        yield gettext("Why"), gettext(REASONS[str(reason)])
    if holder := answered.get("matched"):
        yield gettext("Organisation"), holder["legal_name"]
        yield gettext("Registered seat"), f"{holder['town']} ({holder['province']})"
    if paper := answered.get("certificate"):
        yield gettext("Certificate"), paper["number"]
        yield gettext("Issued on"), day(date.fromisoformat(paper["issued"]))
        yield gettext("Last day of validity"), day(date.fromisoformat(paper["expires"]))
        yield gettext("Edition of the criteria"), paper["edition"]
        yield gettext("Its fingerprint (SHA-256)"), paper["edition_digest"]


def _status(code: str) -> str:
    look = {**STANDINGS, **ROWS}.get(code)
    return str(gettext(look.word)) if look else code


def _moment(iso: str) -> str:
    return moment(datetime.fromisoformat(iso))


def _rows(count: int) -> str:
    return str(gettext("%(count)s rows", count=count))

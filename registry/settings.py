"""Everything that differs between one installation and another."""

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

PREFIX = "REGISTRY_"
DATABASES = ("sqlite:", "postgresql:", "postgresql+psycopg:")
#: ETSI EN 319 142-1.
SEAL_LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")


class Environment(enum.StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class BadSettings(SystemExit):
    """Raised at start, never later; the message names the variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Each field is a variable: `base_url` is REGISTRY_BASE_URL."""

    environment: Environment = Environment.PRODUCTION
    secret_key: str = ""
    totp_key: str = ""
    base_url: str = "http://127.0.0.1:8000"
    data_dir: Path = Path("var")
    #: Every file is kept here too, on another disk; empty: nowhere else.
    second_copy_dir: str = ""
    #: Empty: SQLite in the data folder.
    database_url: str = ""
    #: smtp://user:password@host:587 (STARTTLS) or smtps://…; empty: letters wait.
    smtp_url: str = ""
    mail_from: str = "registro@example.org"
    body_name: str = "Registro Impact"
    signatory_name: str = "Elena Marchetti"
    signatory_office: str = "Presidente del Comitato di certificazione"
    #: Empty: a development seal. Else pkcs12:…, pem:…, pkcs11:… or csc:… (seal/chosen).
    seal: str = ""
    #: Password of the file, PIN of the token, or PIN of the credential.
    seal_secret: str = ""
    #: What lets us in at the provider (csc).
    seal_bearer: str = ""
    #: PEM file with the certificates above the one in the token (pkcs11).
    seal_chain: str = ""
    #: B-B, B-T, B-LT or B-LTA (ETSI EN 319 142-1).
    seal_level: str = "B-B"
    #: Address of the time-stamp authority (RFC 3161).
    seal_stamps: str = ""
    #: PEM file with the roots of that authority and of our certificate's issuer.
    seal_authorities: str = ""
    #: How many reverse proxies stand before us; their X-Forwarded headers are believed.
    proxies: int = 0
    rate_limits: bool = True
    rate_limit_storage: str = "memory://"
    #: How many rows a company's supplier list may have.
    list_rows: int = 50_000
    #: Each process that serves keeps to a core of its own: for a machine that serves
    #: nothing else.
    own_core: bool = False
    #: The demo can be looked at as if it were another day.
    clock_shift_days: int = 0

    @property
    def production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def demo(self) -> bool:
        return self.environment is Environment.DEMO

    @property
    def database(self) -> str:
        return (
            self.database_url or f"sqlite:///{self.data_dir.absolute()}/registry.sqlite"
        )

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the REGISTRY_… variables; raises BadSettings naming the wrong one."""
        given = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in environ.items()
            if key.startswith(PREFIX) and not key.startswith(f"{PREFIX}TEST_")
        }
        known = get_type_hints(cls)
        names = [field.name for field in fields(cls)]
        if unknown := sorted(given.keys() - set(names) - {"port"}):
            raise BadSettings(f"Unknown setting: {PREFIX}{unknown[0].upper()}")
        settings = cls(
            **{
                name: _read(name, known[name], given[name])
                for name in names
                if name in given
            }
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise BadSettings naming the first variable that cannot be right."""
        for name, problem in self.problems():
            raise BadSettings(f"{PREFIX}{name.upper()}: {problem}")

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong anywhere, then what production would not be safe with."""
        base = urlsplit(self.base_url)
        if base.scheme not in {"http", "https"} or not base.netloc:
            yield "base_url", "give a full address, https://…"
        if base.username or base.path.strip("/") or base.query or base.fragment:
            yield "base_url", "give the address alone: no name, path or question"
        if self.database_url and not self.database_url.startswith(DATABASES):
            yield "database_url", "give postgresql+psycopg://… or sqlite:///…"
        smtp = urlsplit(self.smtp_url)
        if self.smtp_url and (smtp.scheme not in {"smtp", "smtps"} or not smtp.netloc):
            yield "smtp_url", "give smtp://… or smtps://…"
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", self.mail_from):
            yield "mail_from", "give an e-mail address"
        if self.proxies < 0:
            yield "proxies", "give how many proxies stand before the registry"
        if not 1 <= self.list_rows <= 1_000_000:
            yield "list_rows", "give a number of rows from 1 to 1000000"
        if self.seal_level not in SEAL_LEVELS:
            yield "seal_level", f"give one of {', '.join(SEAL_LEVELS)}"
        if self.production:
            yield from self._unsafe()

    def _unsafe(self) -> Iterator[tuple[str, str]]:
        for name in ("secret_key", "totp_key"):
            if problem := _weakness(getattr(self, name)):
                yield name, f"production needs a secret of its own: {problem}"
        if self.secret_key == self.totp_key:
            yield "totp_key", "production needs a second secret, not the same again"
        if urlsplit(self.base_url).scheme != "https":
            yield "base_url", "production needs https://"
        if self.clock_shift_days:
            yield "clock_shift_days", "only the demo moves its clock"
        if not self.rate_limits:
            yield "rate_limits", "production needs them: they slow down guessing"


def _weakness(secret: str) -> str | None:
    """Why a secret could be guessed; None when it looks drawn by lot."""
    if len(secret) < 32:
        return "32 characters or more"
    if "demo-only" in secret:
        return "this is the demo’s"
    if len(set(secret)) < 10:
        return "this one repeats itself"
    return None


def _read(name: str, type_: Any, text: str) -> Any:
    try:
        if type_ is bool:
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        return type_(text)
    except (ValueError, KeyError):
        why = f"“{text}” cannot be read"
        if isinstance(type_, enum.EnumType):
            why = f"give one of {', '.join(type_)}"
        raise BadSettings(f"{PREFIX}{name.upper()}: {why}") from None

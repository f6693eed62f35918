"""What the house is given at the start; tests and demos give it something else."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import cast

from flask import current_app

from registry.clock import Clock, ShiftedClock, SystemClock, civil_day
from registry.courier import Courier
from registry.criteria.reader import Editions, read_all
from registry.paper import Paper
from registry.paths import CRITERIA
from registry.postman import NoPostman, Postman, SmtpPostman
from registry.seal import Seal, chosen
from registry.settings import Settings
from registry.signing import Signer
from registry.storage import Storage
from registry.typefaces import Typefaces, prepare


@dataclass(frozen=True, kw_only=True)
class Services:
    settings: Settings
    clock: Clock
    storage: Storage
    seal: Seal
    postman: Postman
    editions: Editions
    courier: Courier = field(default_factory=Courier)

    @cached_property
    def typefaces(self) -> Typefaces:
        return prepare(self.settings.data_dir / "typefaces")

    @cached_property
    def paper(self) -> Paper:
        return Paper(self.typefaces)

    @cached_property
    def signer(self) -> Signer:
        return Signer(
            self.settings.data_dir / "keys" / "credentials", self.settings.base_url
        )

    def today(self) -> date:
        """The civil day of the body."""
        return civil_day(self.clock.now())

    @classmethod
    def real(cls, settings: Settings) -> "Services":
        data = settings.data_dir
        clock = (
            ShiftedClock(settings.clock_shift_days)
            if settings.clock_shift_days
            else SystemClock()
        )
        return cls(
            settings=settings,
            clock=clock,
            storage=Storage(
                data / "files",
                Path(settings.second_copy_dir) if settings.second_copy_dir else None,
            ),
            seal=chosen(settings, clock.now()),
            postman=SmtpPostman(settings.smtp_url)
            if settings.smtp_url
            else NoPostman(),
            editions=read_all(CRITERIA),
        )


def services() -> Services:
    return cast(Services, current_app.extensions["registry"])

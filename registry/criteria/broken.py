"""The refusal of criteria that cannot be trusted, with the place and the remedy."""

from dataclasses import dataclass
from pathlib import Path

from registry.errors import Invalid


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong: in which file, on which line, and what to do (Italian)."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}, riga {self.line}: {self.text}"


class BrokenEdition(Invalid):
    """The criteria are not loaded; `mistakes` says where and why, in Italian."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(one) for one in mistakes))
        self.mistakes = mistakes

"""What a number typed for verifying is worth today: one statement, whoever reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.certificates.layouts import edition_name
from registry.certificates.standing import Code, Standing
from registry.criteria.schemes import MAIN_SCHEME
from registry.public.answers import Worth
from registry.public.asked import Asked, Kind
from registry.public.statements import Rows
from registry.verification.projected import COURSE, OF_SCHEME, worth

#: Who bears a number.  Partita IVA and codice fiscale come from one series: whoever
#: writes one for the other means the same organisation.
FISCAL = "(o.vat = :value OR o.tax_code = :value)"
BEARERS = {
    Kind.VAT: FISCAL,
    Kind.TAX_CODE: FISCAL,
    Kind.ALBO: "o.albo = :value",
    Kind.REA: "o.rea = :value",
}
TOLD = f"""c.issued_on, c.id, c.number, c.facts -> 'organisation' ->> 'name', c.edition,
  {COURSE}"""
OF_CERTIFICATE = f"""SELECT o.id, o.name, :scheme = '', {TOLD}
FROM certificates c
JOIN organisations o ON o.id = c.organisation_id
JOIN certificate_projection p ON p.certificate_id = c.id
WHERE c.number = :value AND c.state = 'issued'"""  # noqa: S608 - no words of others in it
#: Every certificate of a scheme that those have who ever had any, or are in a published
#: list; and whether they have some of other schemes.
OF_BEARER = f"""SELECT o.id, o.name, EXISTS (
  SELECT 1 FROM certificates k WHERE k.organisation_id = o.id AND k.state = 'issued'
    AND k.scheme <> :scheme), {TOLD}
FROM organisations o
{OF_SCHEME}
WHERE %s AND (c.id IS NOT NULL
  OR EXISTS (SELECT 1 FROM certificates k
             WHERE k.organisation_id = o.id AND k.state = 'issued')
  OR EXISTS (SELECT 1 FROM listings l WHERE l.organisation_id = o.id))"""  # noqa: S608 - no words of others in it
STATEMENTS = {kind: OF_BEARER % bearers for kind, bearers in BEARERS.items()}
STATEMENTS[Kind.CERTIFICATE] = OF_CERTIFICATE


@dataclass(frozen=True)
class Numbered(Worth):
    """What the certificate of a number, or its holder’s of a scheme, is worth."""

    #: The organisation, certified or only in a published list; 0 where there is none.
    holder: int = 0
    name: str = ""
    number: str = ""
    valid_until: date | None = None
    edition: str = ""
    #: Whether the holder of the number has or had certificates of other schemes.
    elsewhere: bool = False

    @property
    def mark(self) -> str:
        """The mark and its edition, as people call it."""
        return edition_name(self.edition) if self.edition else ""


def numbered(
    asked: Asked, today: date, reads: Rows, scheme: str = MAIN_SCHEME
) -> Numbered:
    """The answer about a number that can exist; a certificate’s, of its own scheme."""
    about = {"value": asked.value, "scheme": scheme}
    rows = reads.rows(STATEMENTS[asked.kind], about)
    if not rows:
        return Numbered(Standing(Code.NEVER_CERTIFIED, today))
    holder, name, elsewhere, _, _, number, printed, edition, *course = _meant(rows)
    if number is None:
        never = Standing(Code.NEVER_CERTIFIED, today)
        return Numbered(never, holder, elsewhere=bool(elsewhere))
    now, last = worth(*course, today)
    return Numbered(
        now, holder, printed or name, number, last, edition, bool(elsewhere)
    )


def _meant(rows: Sequence[Any]) -> Any:
    """The last certificate of the bearer who was entered first."""
    if len(rows) == 1:
        return rows[0]
    first = min(row[0] for row in rows)
    return max((row for row in rows if row[0] == first), key=lambda row: row[3:5])

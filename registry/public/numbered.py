"""What a number typed for verifying is worth: one statement, whoever reads it."""

from dataclasses import dataclass
from datetime import date

from registry.certificates.layouts import edition_name
from registry.certificates.standing import Code, Standing, standing
from registry.criteria.schemes import MAIN_SCHEME
from registry.public.answers import Worth
from registry.public.asked import Asked, Kind
from registry.public.statements import Reads
from registry.verification import driver
from registry.verification.bare import happened

#: Who bears a number.  Partita IVA and codice fiscale come from one series: whoever
#: writes one for the other means the same organisation.
FISCAL = """SELECT id FROM organisations WHERE vat = :value
    UNION SELECT id FROM organisations WHERE tax_code = :value"""
BEARERS = {
    Kind.VAT: FISCAL,
    Kind.TAX_CODE: FISCAL,
    Kind.ALBO: "SELECT id FROM organisations WHERE albo = :value",
    Kind.REA: "SELECT id FROM organisations WHERE rea = :value",
}
TOLD = """c.number, c.valid_until, c.facts -> 'organisation' ->> 'name', c.edition,
  e.id, e.kind, e.effective_on, e.recorded_at, e.reason_code, e.anniversary"""
OF_CERTIFICATE = f"""SELECT o.id, o.name, :scheme = '', {TOLD}
FROM certificates c
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN certificate_event e ON e.certificate_id = c.id
WHERE c.number = :value AND c.state = 'issued'
ORDER BY e.id"""  # noqa: S608 - no words of others in it
#: The newest certificate of a scheme that the first has who has any, or is in a
#: published list; and whether there are some of other schemes.
OF_BEARER = f"""WITH bearer AS (
  SELECT o.id, o.name FROM organisations o
  WHERE o.id IN (%s) AND (
    EXISTS (SELECT 1 FROM certificates c
            WHERE c.organisation_id = o.id AND c.state = 'issued')
    OR EXISTS (SELECT 1 FROM listings l WHERE l.organisation_id = o.id))
  ORDER BY o.id LIMIT 1
)
SELECT b.id, b.name, EXISTS (
  SELECT 1 FROM certificates k WHERE k.organisation_id = b.id AND k.state = 'issued'
    AND k.scheme <> :scheme), {TOLD}
FROM bearer b
LEFT JOIN certificates c ON c.id = (
  SELECT n.id FROM certificates n
  WHERE n.organisation_id = b.id AND n.state = 'issued' AND n.scheme = :scheme
  ORDER BY n.issued_on DESC, n.id DESC LIMIT 1)
LEFT JOIN certificate_event e ON e.certificate_id = c.id
ORDER BY e.id"""  # noqa: S608 - no words of others in it
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
    asked: Asked, on: date, reads: Reads, scheme: str = MAIN_SCHEME
) -> Numbered:
    """The answer about a number that can exist; a certificate’s, of its own scheme."""
    about = {"value": asked.value, "scheme": scheme}
    rows = reads.rows(STATEMENTS[asked.kind], about)
    if not rows:
        return Numbered(Standing(Code.NEVER_CERTIFIED, on))
    holder, name, elsewhere, number, until, printed, edition, *_ = rows[0]
    others = bool(elsewhere)
    if number is None:
        never = Standing(Code.NEVER_CERTIFIED, on)
        return Numbered(never, holder, elsewhere=others)
    last = driver.day(until)
    worth = standing([happened(*row[7:]) for row in rows if row[7]], last, on)
    return Numbered(worth, holder, printed or name, number, last, edition, others)

"""What is given away: five tables, each column with its kind and its meaning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import Connection, Select, select

from registry.certificates.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    Projection,
)
from registry.certificates.standing import Code, Course, Standing, on_day
from registry.criteria.questions import Text
from registry.criteria.reader import Editions
from registry.organisations.models import (
    Activity,
    Appearance,
    Listing,
    Organisation,
    SectorRow,
)

Kind = Literal["string", "integer", "date", "datetime"]
Row = tuple[Any, ...]
#: Rows fetched at a time: memory holds no more of them.
BATCH = 2000


@dataclass(frozen=True)
class Column:
    """A name that stays, the kind of what stands there, and what it means."""

    name: str
    kind: Kind
    means: Text
    required: bool = True


@dataclass(frozen=True)
class Source:
    """Where rows come from: one snapshot of the database, a day, the editions."""

    connection: Connection
    on: date
    editions: Editions

    def read(self, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        """The rows of a query, a batch at a time, also for who stops half-way."""
        options = {"stream_results": True, "yield_per": BATCH}
        with self.connection.execute(query, execution_options=options) as found:
            yield from found


@dataclass(frozen=True)
class Table:
    """A table of the dump: its columns, its key, and where its rows come from."""

    name: str
    title: Text
    key: str
    columns: tuple[Column, ...]
    rows: Callable[[Source], Iterator[Row]]


def _column(
    name: str, kind: Kind, it: str, en: str, *, required: bool = True
) -> Column:
    return Column(name, kind, Text(it=it, en=en), required)


def holders(source: Source) -> Iterator[Row]:
    """Organisations that have or had a certificate."""
    one = Organisation
    held = select(Projection.organisation_id)
    facts = select(
        *(one.id, one.name, one.kind, one.vat, one.tax_code, one.albo, one.rea),
        *(one.town, one.province),
    )
    sectors = _gathered(source, SectorRow.organisation_id, SectorRow.sector)
    codes = _gathered(source, Activity.organisation_id, Activity.code)
    for row in source.read(facts.where(one.id.in_(held)).order_by(one.id)):
        id_, name, kind, vat, tax_code, *rest = row
        yield (
            *(id_, name, kind.value, vat, tax_code or vat, *rest),
            *(sectors(id_), codes(id_)),
        )


def certificates(source: Source) -> Iterator[Row]:
    """Certificates issued, with what each is worth on the day."""
    paper, seen = Certificate, Projection
    query = (
        select(
            *(paper.number, paper.organisation_id, paper.scheme, paper.edition),
            *(paper.edition_digest, paper.issued_on, paper.valid_until),
            *(seen.code, seen.since_on, seen.reason_code, seen.in_update_from),
        )
        .join(seen, seen.certificate_id == paper.id)
        .where(paper.state == CertificateState.ISSUED, paper.issued_on <= source.on)
        .order_by(paper.id)
    )
    for row in source.read(query):
        *facts, code, since, reason, updating = row
        until = facts[-1]
        standing = on_day(Course(Code(code), since, reason, updating), until, source.on)
        yield (*facts, *_told(standing))


def events(source: Source) -> Iterator[Row]:
    """Everything that happened to certificates, as it was recorded."""
    event = CertificateEvent
    query = (
        select(
            *(event.id, Certificate.number, event.kind, event.effective_on),
            *(event.recorded_at, event.reason_code, event.anniversary),
        )
        .join(Certificate, Certificate.id == event.certificate_id)
        .where(Certificate.state == CertificateState.ISSUED)
        .order_by(event.id)
    )
    for id_, number, kind, *rest in source.read(query):
        yield (id_, number, kind.value, *rest)


def editions(source: Source) -> Iterator[Row]:
    """The published editions of the criteria."""
    for key in sorted(source.editions):
        one = source.editions[key]
        yield (
            *(one.key, one.scheme, one.edition, one.title.it, one.title.en),
            *(one.in_force_from, one.digest, len(one.requirements)),
        )


def listings(source: Source) -> Iterator[Row]:
    """Names in lists published by the owner of a scheme: not certified by us."""
    one = Listing
    listed = Appearance.listed.is_(True)
    periods = _gathered(source, Appearance.listing_id, Appearance.period, listed)
    # An organisation without a certificate is nobody: it may be an applicant.
    held = select(Projection.organisation_id).distinct().subquery()
    query = select(
        *(one.id, one.scheme, one.name, one.town, one.province, one.kind),
        *(one.source, one.imported_on, held.c.organisation_id),
    ).outerjoin(held, held.c.organisation_id == one.organisation_id)
    for row in source.read(query.order_by(one.id)):
        yield (*row, periods(row[0]))


def _told(standing: Standing) -> Row:
    return (standing.code.value, standing.since, standing.reason_code)


def _gathered(source: Source, of: Any, what: Any, *only: Any) -> Callable[[int], str]:
    """What belongs to each id, joined by blanks; ids are asked for in rising order."""
    found = source.read(select(of, what).where(*only).order_by(of, what))
    groups = groupby(found, key=lambda row: row[0])
    ahead: list[tuple[int, str]] = []

    def of_id(id_: int) -> str:
        while not ahead or ahead[-1][0] < id_:
            group = next(groups, None)
            if group is None:
                return ""
            ahead[:] = [(group[0], " ".join(str(row[1]) for row in group[1]))]
        return ahead[-1][1] if ahead[-1][0] == id_ else ""

    return of_id


HOLDER = _column("holder_id", "integer", "Chiave in holders", "Key in holders")
TABLES = (
    Table(
        "holders",
        Text(it="Organizzazioni titolari", en="Holders"),
        "holder_id",
        (
            _column("holder_id", "integer", "Numero nel registro, non cambia",
                    "Number in the register, never changes"),
            _column("legal_name", "string", "Denominazione", "Legal name"),
            _column("kind", "string", "Tipo: social_a, social_b, consortium…",
                    "Kind: social_a, social_b, consortium…"),
            _column("vat", "string", "Partita IVA, 11 cifre",
                    "Partita IVA, 11 digits", required=False),
            _column("tax_code", "string", "Codice fiscale dell’organizzazione",
                    "Tax code of the organisation", required=False),
            _column("albo", "string", "Numero di iscrizione all’Albo delle cooperative",
                    "Number in the roll of cooperatives", required=False),
            _column("rea", "string", "Numero REA", "REA number", required=False),
            _column("town", "string", "Comune della sede legale",
                    "Town of the registered seat"),
            _column("province", "string", "Sigla della provincia della sede legale",
                    "Province of the registered seat"),
            _column("sectors", "string", "Settori, separati da spazi",
                    "Sectors, parted by blanks", required=False),
            _column("ateco", "string", "Codici ATECO 2025, separati da spazi",
                    "ATECO 2025 codes, parted by blanks", required=False),
        ),
        holders,
    ),
    Table(
        "certificates",
        Text(it="Certificati rilasciati", en="Certificates issued"),
        "number",
        (
            _column("number", "string", "Numero del certificato",
                    "Number of the certificate"),
            HOLDER,
            _column("scheme", "string", "Schema", "Scheme"),
            _column("edition", "string", "Edizione dei criteri",
                    "Edition of the criteria"),
            _column("edition_digest", "string", "Impronta SHA-256 dell’edizione",
                    "SHA-256 of the edition"),
            _column("issued_on", "date", "Giorno del rilascio", "Day of issue"),
            _column("valid_until", "date", "Ultimo giorno di validità, compreso",
                    "Last day of validity, included"),
            _column("status", "string", "Stato nel giorno del file",
                    "Status on the day of the file"),
            _column("status_since", "date", "Primo giorno di questo stato",
                    "First day of this status"),
            _column("reason_code", "string", "Perché, da un elenco chiuso",
                    "Why, from a closed list", required=False),
        ),
        certificates,
    ),
    Table(
        "events",
        Text(it="Eventi dei certificati", en="Events of certificates"),
        "event_id",
        (
            _column("event_id", "integer", "Numero d’ordine", "Running number"),
            _column("certificate", "string", "Numero del certificato",
                    "Number of the certificate"),
            _column("kind", "string", "Che cosa è accaduto", "What happened"),
            _column("effective_on", "date", "Giorno da cui vale",
                    "Day from which it counts"),
            _column("recorded_at", "datetime", "Istante della registrazione (UTC)",
                    "Instant of recording (UTC)"),
            _column("reason_code", "string", "Perché, da un elenco chiuso",
                    "Why, from a closed list", required=False),
            _column("anniversary", "date", "Ricorrenza annuale a cui si riferisce",
                    "Anniversary it is about", required=False),
        ),
        events,
    ),
    Table(
        "editions",
        Text(it="Edizioni dei criteri", en="Editions of the criteria"),
        "edition",
        (
            _column("edition", "string", "Nome completo, come impact/2022",
                    "Full name, as impact/2022"),
            _column("scheme", "string", "Schema", "Scheme"),
            _column("year", "string", "Nome dell’edizione nello schema",
                    "Name of the edition in its scheme"),
            _column("title_it", "string", "Titolo italiano", "Italian title"),
            _column("title_en", "string", "Titolo inglese", "English title"),
            _column("in_force_from", "date", "In vigore da", "In force from"),
            _column("digest", "string", "Impronta SHA-256 di regole e testi ufficiali",
                    "SHA-256 of rules and official texts"),
            _column("requirements", "integer", "Quanti requisiti",
                    "How many requirements"),
        ),
        editions,
    ),
    Table(
        "listings",
        Text(it="Nomi in elenchi pubblicati dal titolare del marchio",
             en="Names in lists published by the owner of the mark"),
        "listing_id",
        (
            _column("listing_id", "integer", "Numero nel registro",
                    "Number in the register"),
            _column("scheme", "string", "Schema", "Scheme"),
            _column("name", "string", "Nome come pubblicato", "Name as published"),
            _column("town", "string", "Comune, se pubblicato", "Town, if published",
                    required=False),
            _column("province", "string", "Sigla della provincia, se pubblicata",
                    "Province, if published", required=False),
            _column("kind", "string", "Tipo, nelle parole della fonte",
                    "Kind, in the words of the source", required=False),
            _column("source", "string", "Fonte", "Source"),
            _column("imported_on", "date", "Giorno dell’importazione",
                    "Day of the import"),
            _column("holder_id", "integer", "Organizzazione nel registro, se nota",
                    "Organisation in the register, if known", required=False),
            _column("periods", "string", "Periodi in cui compare, separati da spazi",
                    "Periods in which it appears, parted by blanks", required=False),
        ),
        listings,
    ),
)  # fmt: skip

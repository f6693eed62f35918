"""Who is in the demo world: all invented, with identifiers that nobody has."""

import csv
from dataclasses import dataclass
from pathlib import Path

from stdnum import luhn

from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind, Sector

#: The password of every account of the demo world, and of nothing else.
PASSWORD = "impresa-cooperativa-2026"  # noqa: S105 - a demo has no secrets
BERGAMO = "016"  # the office of a partita IVA; it need not be that of the seat


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    email: str
    name: str
    role: Role
    language: str = "it"


#: One for each role that people sign in with: the demo bar knows them by the address.
ACCOUNTS = (
    Person("cooperative@demo.example", "Teresa Valsecchini", Role.COOPERATIVE),
    Person("auditor@demo.example", "Paolo Morettini", Role.AUDITOR),
    Person("committee@demo.example", "Elena Marchetti", Role.COMMITTEE),
    Person("secretariat@demo.example", "Chiara Bonettini", Role.SECRETARIAT),
    Person("company@demo.example", "Anna Serraventi", Role.COMPANY),
    Person("administrator@demo.example", "Diego Ferrantini", Role.ADMINISTRATOR),
    Person("scheme_owner@demo.example", "Lucia Bonfantini", Role.SCHEME_OWNER),
)
COLLEAGUES = (
    Person("auditor-2@demo.example", "Valeria Castoldini", Role.AUDITOR),
    Person("auditor-3@demo.example", "Hannah Oberwiesner", Role.AUDITOR, "en"),
    Person("committee-2@demo.example", "Renato Salvadorini", Role.COMMITTEE),
    Person("committee-3@demo.example", "Giuseppina Mainardini", Role.COMMITTEE),
)


@dataclass(frozen=True)
class Profile:
    """What a cooperative of a trade does, teaches and applies."""

    sectors: tuple[Sector, ...]
    ateco: tuple[str, ...]
    #: CNEL codes for most of its workers: the first that the day's table admits.
    contracts: tuple[str, ...]
    activity: str
    courses: tuple[str, ...]
    scheme: str = "iso9001"


PROFILES = {
    "cleaning": Profile(
        (Sector.CLEANING,),
        ("81.21.00", "81.23.10"),
        ("K511",),
        "Pulizie civili e sanificazione",
        ("Sanificazione degli ambienti sanitari", "Uso delle macchine lavasciuga"),
    ),
    "mechanics": Profile(
        (Sector.MECHANICS, Sector.ASSEMBLY),
        ("25.53.00", "27.33.00"),
        ("C016",),
        "Lavorazioni meccaniche e montaggi",
        ("Lettura del disegno meccanico", "Saldatura a filo continuo"),
    ),
    "green": Profile(
        (Sector.GREEN,),
        ("81.30.00",),
        ("T151",),
        "Manutenzione del verde",
        ("Potatura degli alberi ornamentali", "Impianti di irrigazione"),
        "iso14001",
    ),
    "catering": Profile(
        (Sector.CATERING,),
        ("56.22.01", "56.21.01"),
        ("H05Y",),
        "Ristorazione collettiva",
        ("Cucina per le diete speciali", "Autocontrollo e tracciabilità"),
    ),
    "logistics": Profile(
        (Sector.LOGISTICS,),
        ("52.10.10", "49.41.00"),
        ("I100",),
        "Magazzino e consegne",
        ("Gestione del magazzino con lettori ottici", "Guida sicura ed economica"),
        "iso45001",
    ),
    "textile": Profile(
        (Sector.TEXTILE,),
        ("14.21.20", "13.92.10"),
        ("T151",),
        "Sartoria e confezioni",
        ("Taglio e modellistica di base", "Controllo di qualità del capo finito"),
    ),
    "environment": Profile(
        (Sector.ENVIRONMENT,),
        ("38.11.00", "81.23.91"),
        ("K540", "K541"),
        "Raccolta dei rifiuti e spazzamento",
        ("Conduzione della piattaforma ecologica", "Classificazione dei rifiuti"),
        "iso14001",
    ),
    "construction": Profile(
        (Sector.CONSTRUCTION,),
        ("41.00.00", "43.34.01"),
        ("F012",),
        "Costruzioni e manutenzioni edili",
        ("Isolamento a cappotto", "Restauro delle superfici intonacate"),
        "iso45001",
    ),
    "assembly": Profile(
        (Sector.ASSEMBLY,),
        ("82.92.20", "27.33.00"),
        ("T151",),
        "Assemblaggio e confezionamento conto terzi",
        ("Cablaggio dei quadri elettrici", "Controllo visivo dei pezzi"),
    ),
    "farming": Profile(
        (Sector.AGRICULTURE,),
        ("01.13.11", "10.39.00"),
        ("A016",),
        "Orticoltura e trasformazione",
        ("Orticoltura biologica", "Trasformazione e conserve"),
    ),
    "laundry": Profile(
        (Sector.LAUNDRY,),
        ("96.10.11",),
        ("T151",),
        "Lavanderia industriale",
        ("Controllo della biocontaminazione dei tessili", "Stiro e finissaggio"),
        "iso14001",
    ),
    "print": Profile(
        (Sector.PRINT,),
        ("18.12.00", "18.14.00"),
        ("T151",),
        "Stampa e legatoria",
        ("Gestione del colore in stampa digitale", "Legatoria di pregio"),
    ),
    "digital": Profile(
        (Sector.DIGITAL, Sector.OFFICE),
        ("62.90.09", "63.10.29"),
        ("T151",),
        "Digitalizzazione di archivi",
        ("Accessibilità dei documenti digitali", "Fogli di calcolo avanzati"),
    ),
    "office": Profile(
        (Sector.OFFICE,),
        ("82.20.00", "82.10.00"),
        ("T151",),
        "Servizi d’ufficio e centralino",
        ("Ascolto e comunicazione al telefono", "Protocollo informatico"),
        "sa8000",
    ),
    "culture": Profile(
        (Sector.CULTURE,),
        ("91.21.00", "79.90.01"),
        ("G360", "T151"),
        "Accoglienza nei musei e visite guidate",
        ("Accessibilità nei luoghi della cultura", "Catalogazione di base"),
        "unipdr125",
    ),
    "care": Profile(
        (Sector.CARE, Sector.GREEN),
        ("88.10.00", "81.30.00"),
        ("T151",),
        "Servizi diurni e manutenzione del verde",
        ("Tutoraggio nell’inserimento lavorativo", "Lavoro in équipe"),
    ),
    "retail": Profile(
        (),
        ("47.11.02",),
        ("H016",),
        "Vendita ai soci",
        ("Etichettatura degli alimenti",),
    ),
}


@dataclass(frozen=True)
class Cooperative:
    """An invented cooperative and the story it plays."""

    number: int  # from 1, in the order of the file
    key: str
    name: str
    kind: OrganisationKind
    province: str
    town: str
    address: str
    profile: Profile
    workers: int  # heads, when the story begins
    disadvantaged: int
    representative: str
    story: str
    #: What the story counts back from today: months or days, as it says.
    before: int

    @property
    def vat(self) -> str:
        return invented_vat(self.number * 137)

    @property
    def albo(self) -> str:
        """Albo numbers so high are not given; C for those not mainly mutual."""
        mutual = self.kind is not OrganisationKind.CONSUMER
        return f"{'A' if mutual else 'C'}{990000 + self.number * 17}"

    @property
    def rea(self) -> str:
        return f"{self.province}-{9900000 + self.number * 113}"

    @property
    def email(self) -> str:
        """The address of the legal representative."""
        if self.representative == ACCOUNTS[0].name:
            return ACCOUNTS[0].email
        return f"{self.key}@demo.example"


def invented_vat(number: int, office: str = BERGAMO) -> str:
    """A partita IVA nobody has (it begins with 9), with its check digit."""
    body = f"{9000000 + number:07}{office}"
    return body + luhn.calc_check_digit(body)


def cooperatives() -> list[Cooperative]:
    """Everyone of the cast, in the order of the file."""
    path = Path(__file__).with_name("cooperatives.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [_cooperative(number, row) for number, row in enumerate(rows, 1)]


def _cooperative(number: int, row: dict[str, str]) -> Cooperative:
    story, before = row["story"].split(":")
    return Cooperative(
        number=number,
        key=row["key"],
        name=row["name"],
        kind=OrganisationKind(row["kind"]),
        province=row["province"],
        town=row["town"],
        address=row["address"],
        profile=PROFILES[row["profile"]],
        workers=int(row["workers"]),
        disadvantaged=int(row["disadvantaged"]),
        representative=row["representative"],
        story=story,
        before=int(before),
    )

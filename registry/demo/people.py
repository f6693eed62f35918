"""Who is there when the demo world begins: staff, a company, a published list."""

from registry.accounts import operations as accounts
from registry.accounts import security
from registry.accounts.models import STAFF
from registry.accounts.queries import the_registry
from registry.demo import acts
from registry.demo.acts import Stage
from registry.demo.cast import ACCOUNTS, COLLEAGUES, Person, invented_vat
from registry.organisations import operations as organisations
from registry.organisations.models import Capacity, OrganisationKind, Sector

COMPANY = ACCOUNTS[4]
#: Invented names, as if the owner of the scheme had published them.
LISTED = (
    ("Il Sentiero di Roccalba", "Gandino", "sociale"),
    ("Controvento Castelrovere", "", "produzione e lavoro"),
    ("La Ruota di Valmonda", "Clusone", "sociale"),
)
SOURCE = "Elenco dimostrativo del titolare del marchio, inventato"


def the_staff(stage: Stage) -> None:
    """Everyone who works on the register, with their second factor; then the others."""
    for person in (*ACCOUNTS, *COLLEAGUES):
        _account(stage, person)
    _company(stage)
    for name, town, kind in LISTED:
        organisations.list_published(
            scheme=stage.edition.scheme,
            name=name,
            town=town,
            province="BG",
            kind=kind,
            source=SOURCE,
            periods={"2023": True, "2024-08": name != LISTED[1][0]},
            listed_on=stage.on,
            by=stage.user(acts.SECRETARIAT),
            at=stage.at,
        )


def _account(stage: Stage, person: Person) -> None:
    user = accounts.invite(
        person.email,
        person.name,
        roles=[person.role],
        language=person.language,
        by=the_registry(),
        at=stage.at,
    )
    acts.join(stage, user)
    if person.role in STAFF:
        accounts.protect(user, security.new_totp_secret(), by=user, at=stage.at)


def _company(stage: Stage) -> None:
    secretary = stage.user(acts.SECRETARIAT)
    vat = invented_vat(99001)
    made = organisations.add(
        kind=OrganisationKind.COMPANY,
        name="Serravento Meccanica S.p.A.",
        vat=vat,
        tax_code=vat,
        rea="BG-9999001",
        province="BG",
        town="Dalmine",
        address="Via della Fonderia 1",
        by=secretary,
        at=stage.at,
    )
    who = Capacity.LEGAL_REPRESENTATIVE
    organisations.invite_speaker(
        made, COMPANY.email, COMPANY.name, who, by=secretary, at=stage.at
    )
    organisations.describe(
        made, ateco=["25.53.00"], sectors=[Sector.MECHANICS], by=secretary, at=stage.at
    )

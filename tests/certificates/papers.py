"""Facts of invented certificates, for the tests of their paper."""

from typing import Any

from registry.certificates import credential
from registry.certificates.credential import Places
from registry.certificates.rendering import bilingual, fingerprint
from registry.criteria.edition import Edition
from registry.signing import Signer

LONGEST = (
    "Società cooperativa agricola fra produttori ortofrutticoli "
    "della Valle del Reno e dell’Appennino bolognese"
)
GREEK = "Κοινωνική Συνεταιριστική Επιχείρηση Ελαιώνες Λέσβου"
CRITERIA = {
    "it": (
        ("Revisione cooperativa", ["Attestazione di revisione"]),
        ("Assemblea aggiuntiva dei soci", ["Verbale (estratto)", "Avviso"]),
        ("Contratti collettivi cooperativi", ["Riepilogo Uniemens", "DURC"]),
        ("Percorso di certificazione di qualità", ["Certificato ISO 9001"]),
        ("Formazione tecnico-professionale", ["Attestato del corso"]),
    ),
    "en": (
        ("Cooperative revision", ["Certificate of revision"]),
        ("Additional members’ assembly", ["Minutes (extract)", "Notice"]),
        ("Cooperative labour agreements", ["Uniemens summary", "DURC"]),
        ("Path to quality certification", ["ISO 9001 certificate"]),
        ("Technical and professional training", ["Course attestation"]),
    ),
}


def facts(
    name: str = "Cooperativa sociale L’Orto di Sant’Anna",
    language: str = "it",
    *,
    reserve: bool = False,
    graded: bool = False,
    **changes: Any,
) -> dict[str, Any]:
    """
    The facts of one certificate, in `it`, `en` or both, `it+en`.

    With `reserve`, its first criterion is open; `graded` gives points and a level.
    """
    if language == "it+en":
        told = {"reserve": reserve, "graded": graded, **changes}
        return bilingual(facts(name, "it", **told), facts(name, "en", **told))
    if graded:
        changes = {"level": {"it": "Argento", "en": "Silver"}[language], **changes}
    told: dict[str, Any] = {
        "number": "IMP-2026-000123-38",
        "language": language,
        "layout": "2026",
        "scheme": "impact",
        "scheme_title": "Impact – Effetto cooperativo",
        "edition": "impact/2022",
        "edition_title": "Registro delle imprese cooperative di qualità "
        "del settore lavoro e inserimento lavorativo",
        "edition_digest": "7c" * 32,
        "organisation": {
            "name": name,
            "vat": "01234567897",
            "tax_code": "01234567897",
            "albo": "C118204",
            "rea": "RE-284511",
            "kind": "social_b",
            "kind_label": "Cooperativa sociale di tipo B",
            "town": "Reggio Emilia",
            "province": "RE",
        },
        "issued_on": "2026-10-12",
        "valid_until": "2029-10-11",
        "next_recheck_on": "2027-10-12",
        "decided_on": "2026-10-09",
        "criteria": _criteria(language, reserve, graded),
        "signatory": {
            "name": "Elena Marchetti",
            "office": "Presidente del Comitato di certificazione",
        },
        "body": {"name": "Registro Impact"},
        "address": "https://registro.example/c/IMP-2026-000123-38",
        "development_seal": True,
        **changes,
    }
    return {**told, "fingerprint": fingerprint(told)}


def _criteria(language: str, reserve: bool, graded: bool) -> list[dict[str, Any]]:
    return [
        {
            "id": f"C{count}",
            "number": count,
            "title": title,
            "result": "met_with_reserve" if reserve and count == 1 else "met",
            "reserve_until": "2026-12-31" if reserve and count == 1 else None,
            "evidence": evidence,
            **({"points": 11 - 2 * count, "of": 10} if graded else {}),
        }
        for count, (title, evidence) in enumerate(CRITERIA[language], start=1)
    ]


IDS = ("revision", "assembly", "contract", "quality", "training")


def with_credential(
    told: dict[str, Any], signer: Signer, edition: Edition
) -> tuple[dict[str, Any], str]:
    """The facts with their credential's fingerprint, and the credential, signed."""
    pairs = zip(IDS, told["criteria"], strict=True)
    about = {**told, "criteria": [{**c, "id": id_} for id_, c in pairs]}
    places = Places(signer.did, signer.base_url, 5, 7)
    jwt = signer.sign(credential.payload(about, edition, places))
    return {**told, "fingerprint": credential.fingerprint(credential.plain(jwt))}, jwt

"""Which contracts a cooperative central signs, and until when a code serves."""

import datetime as dt

import pytest

from registry.criteria.tables import read_contracts, read_provinces
from registry.paths import CRITERIA

TABLE = read_contracts(CRITERIA / "tables")
DAY = dt.date(2026, 1, 15)
SIGNED = {
    "A016",
    "A181",
    "C016",
    "E016",
    "E072",
    "E076",
    "F011",
    "F012",
    "F016",
    "G360",
    "H016",
    "H05Y",
    "HV17",
    "I100",
    "I320",
    "I726",
    "IC50",
    "K511",
    "K531",
    "K540",
    "K541",
    "T151",
    "V032",
}


def test_twenty_three_codes_are_signed_by_a_central_and_nineteen_are_active() -> None:
    signed = {one.code for one in TABLE if one.cooperative_signatories}
    assert signed == SIGNED
    assert sum(TABLE.admits(code, DAY) for code in signed) == 19
    assert len(TABLE) == 1110
    assert TABLE.dated == dt.date(2025, 12, 25)


@pytest.mark.parametrize(
    "code",
    [
        "T149",
        "T148",
        "T14A",
        "T155",
        "T156",
        "T157",
        "T124",
        "T19D",
        "T150",
        "K571",
        "A060",
        "C011",
        "ZZZZ",
    ],
)
def test_look_alikes_are_not_admitted(code: str) -> None:
    assert not TABLE.admits(code, DAY)


def test_acgi_is_agci() -> None:
    contract = TABLE.get(" k541 ")
    assert contract is not None
    assert contract.cooperative_signatories == ("confcooperative", "legacoop", "agci")


def test_a_merged_code_serves_for_six_months_more() -> None:
    assert TABLE.admits("K541", dt.date(2024, 7, 31))
    assert TABLE.admits("K541", dt.date(2025, 1, 31))
    assert not TABLE.admits("K541", dt.date(2025, 2, 1))
    assert not TABLE.admits("K540", dt.date(2024, 7, 31))
    assert TABLE.admits("K540", dt.date(2024, 8, 1))


def test_an_agreement_not_renewed_is_still_admitted() -> None:
    assert TABLE.admits("T151", dt.date(2026, 11, 25))


def test_contracts_are_found_by_words_without_accents_admitted_first() -> None:
    found = [one.code for one in TABLE.search("cooperative sociali")]
    assert found[0] == "T151"
    assert "T149" in found
    assert TABLE.search("T151")[0].title == "CCNL Cooperative Sociali"
    assert TABLE.search("attivita ferroviarie")[0].code == "I320"
    assert TABLE.search("   ") == []


def test_there_are_one_hundred_and_ten_provinces_and_one_that_ended() -> None:
    provinces = read_provinces(CRITERIA / "tables")
    ended = [one.sigla for one in provinces.values() if one.valid_until is not None]
    assert len(provinces) == 111
    assert ended == ["SU"]
    assert provinces["OT"].valid_from == dt.date(2026, 1, 1)
    assert len({one.region for one in provinces.values()}) == 20
    assert provinces["NO"].name == "Novara"
    assert provinces["BG"].region == "Lombardia"

"""A list from hand to hand: queue, columns, check, names, file."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.journal.queries import about
from registry.organisations.rules import BadNumber
from registry.states import WrongState
from registry.suppliers import confirming, jobs, operations, queries, rules, work
from registry.suppliers.models import Confirmation, Content, ListState, SupplierList
from registry.suppliers.operations import KeyUsedBefore, NotYourCompany, TooManyAtOnce
from registry.suppliers.rules import BadThreshold
from registry.suppliers.vault import the_vault
from registry.verification.questions import DateInFuture
from tests import factories
from tests.suppliers import companies
from tests.suppliers.companies import check, company, csv, hand_in

S = ListState
ITALIAN = ["Impact – stato", "Impact – dal", "Impact – certificato"]


def result(of: SupplierList) -> bytes:
    return queries.content(of, "result", the_vault()) or b""


def wrong(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def confirm_all(of: SupplierList, *, nobody: bool = False) -> None:
    """Say that the first proposal is meant each time, or nobody."""
    waiting = confirming.groups(of, the_vault())
    operations.confirm(
        of,
        {one.mark: None if nobody else one.ids[0] for one in waiting},
        {one.mark: one.ids for one in waiting},
        by=companies.buyer(of.company),
        at=factories.LONG_AGO,
        vault=the_vault(),
    )


def test_the_file_comes_back_with_an_answer_on_every_row(app: Flask, db: Any) -> None:
    certificate = factories.certified()
    holder, stranger = certificate.organisation, factories.vat()
    rows = [
        ["Cod", "Ragione sociale", "P.IVA"],
        ["1", holder.name, holder.vat],
        ["2", "Altra", stranger],
        ["3", "Sbagliata", wrong(stranger)],
        ["4", "", ""],
    ]
    of = hand_in(company(), csv(rows))
    assert of.state is S.UPLOADED
    check(of)
    assert of.state is S.DONE
    back = companies.rows(result(of))
    assert [row[:3] for row in back] == rows
    assert back[0][3:6] == ITALIAN
    assert back[1][3] == "Valido"
    assert back[1][5] == certificate.number
    assert back[1][7] == "impact/2022"
    assert back[1][8] == holder.name
    assert back[2][3] == "Mai certificata"
    assert back[3][3] == "Numero errato"
    assert "dovrebbe essere" in back[3][11]
    assert back[4][3] == "Nulla da cercare"
    assert of.counts == {
        "valid": 1,
        "never_certified": 1,
        "unreadable": 1,
        "nothing": 1,
    }
    assert len({row[13] for row in back[1:]}) == 1  # the number of the receipt
    assert back[1][13]


def test_a_name_that_is_alike_is_asked_about_once_and_remembered(
    app: Flask, db: Any
) -> None:
    holder = factories.certified().organisation
    alike = holder.name.replace("Melograno", "Melogrno")
    mine = company()
    rows = [["Fornitore", "Città"], [alike, "Stezzano"], [alike, "Stezzano"]]
    of = hand_in(mine, csv(rows))
    check(of)
    assert (of.state, of.doubtful) == (S.CONFIRMING, 1)
    (group,) = confirming.groups(of, the_vault())
    assert group.rows == [2, 3]
    confirm_all(of)
    assert of.state is S.CHECKING
    check(of)
    assert of.state is S.DONE
    assert [row[2] for row in companies.rows(result(of))[1:]] == ["Valido", "Valido"]
    again = hand_in(mine, csv(rows[:2]))
    check(again)
    assert again.state is S.DONE
    assert companies.rows(result(again))[1][2] == "Valido"


def test_nobody_of_these_is_remembered_too(app: Flask, db: Any) -> None:
    holder = factories.certified().organisation
    rows = [["Fornitore"], [holder.name.replace("Melograno", "Melogrno")]]
    mine = company()
    of = hand_in(mine, csv(rows))
    check(of)
    confirm_all(of, nobody=True)
    check(of)
    assert companies.rows(result(of))[1][1] == "Nessun nome simile trovato"
    again = hand_in(mine, csv(rows))
    check(again)
    assert again.state is S.DONE


def test_what_one_company_confirmed_is_not_known_to_another(
    app: Flask, db: Any
) -> None:
    holder = factories.certified().organisation
    rows = [["Fornitore"], [holder.name.replace("Melograno", "Melogrno")]]
    of = hand_in(company(), csv(rows))
    check(of)
    confirm_all(of)
    other = hand_in(company("Altri Acquisti S.r.l."), csv(rows))
    check(other)
    assert other.state is S.CONFIRMING


def test_the_same_name_in_the_same_place_needs_no_confirmation(
    app: Flask, db: Any
) -> None:
    holder = factories.certified().organisation
    rows = [
        ["Fornitore", "Comune", "Prov"],
        [holder.name.upper(), "stezzano", "BG"],
        [holder.name, "Milano", "MI"],
    ]
    of = hand_in(company(), csv(rows))
    check(of)
    assert (of.state, of.doubtful) == (S.CONFIRMING, 1)
    operations.go_without(of, by=companies.buyer(of.company), at=of.changed_at)
    check(of)
    back = companies.rows(result(of))
    assert back[1][3] == "Valido"
    assert back[2][3] == "Nome da confermare"


def test_a_number_of_another_supplier_is_told(app: Flask, db: Any) -> None:
    holder = factories.certified().organisation
    rows = [["Fornitore", "P.IVA"], ["Ferramenta Brambilla", holder.vat]]
    of = hand_in(company(), csv(rows))
    check(of)
    assert f"è di {holder.name}" in companies.rows(result(of))[1][10]


def test_a_past_day_is_asked_about(app: Flask, db: Any) -> None:
    holder = factories.certified().organisation
    before = factories.LONG_AGO.date() - timedelta(days=30)
    of = hand_in(company(), csv([["P.IVA"], [str(holder.vat)]]), on=before)
    check(of)
    row = companies.rows(result(of))[1]
    assert row[1] == "Mai certificata"
    assert row[10] == before.isoformat()


def test_unknown_columns_are_asked_for_once_and_remembered(
    app: Flask, db: Any, clock: FixedClock
) -> None:
    mine, at = company(), factories.LONG_AGO
    rows = [["Feld A", "Feld B"], ["Il Melograno", "Bergamo"]]
    of = hand_in(mine, csv(rows))
    assert of.state is S.ASKING
    from registry.suppliers.columns import Layout

    operations.name_columns(
        of, Layout({"name": 0, "town": 1}, 0), by=companies.buyer(mine), at=at,
        vault=the_vault(),
    )  # fmt: skip
    check(of)
    assert of.state is S.DONE
    assert hand_in(mine, csv([rows[0], ["Altro", "Como"]])).state is S.UPLOADED
    assert hand_in(company("Altri S.r.l."), csv(rows)).state is S.ASKING


def test_a_list_killed_halfway_goes_on_where_it_was(
    app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.suppliers import checking

    monkeypatch.setattr(checking, "ROWS_OF_A_STEP", 3)
    rows = [["P.IVA"], *([factories.vat()] for _ in range(10))]
    of = hand_in(company(), csv(rows))
    id_ = of.id
    db.session.commit()
    kept = operations.keep_step

    def dies(of: SupplierList, *args: Any, **kwargs: Any) -> None:
        kept(of, *args, **kwargs)
        if of.done >= 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(operations, "keep_step", dies)
    with pytest.raises(KeyboardInterrupt):
        work.check(id_, factories.LONG_AGO)
    db.session.rollback()
    assert (of.state, of.done) == (S.CHECKING, 3)
    monkeypatch.setattr(operations, "keep_step", kept)
    assert jobs.check_waiting(factories.LONG_AGO) == 1
    assert jobs.check_waiting(factories.LONG_AGO) == 0
    db.session.refresh(of)
    assert (of.state, of.counts) == (S.DONE, {"never_certified": 10})


def test_a_cancelled_list_stops_and_leaves_nothing(app: Flask, db: Any) -> None:
    of = hand_in(company(), csv([["P.IVA"], [factories.vat()]]))
    operations.cancel(of, by=companies.buyer(of.company), at=factories.LONG_AGO)
    check(of)
    assert of.state is S.CANCELLED
    assert db.session.query(Content).count() == 0
    with pytest.raises(WrongState):
        operations.cancel(of, by=companies.buyer(of.company), at=factories.LONG_AGO)


def test_lists_are_erased_after_seven_days(
    app: Flask, db: Any, clock: FixedClock
) -> None:
    of = hand_in(company(), csv([["P.IVA"], [factories.vat()]]))
    check(of)
    assert jobs.erase_old(factories.LONG_AGO + timedelta(days=6, hours=23)) == 0
    assert jobs.erase_old(factories.LONG_AGO + timedelta(days=7)) == 1
    assert jobs.erase_old(factories.LONG_AGO + timedelta(days=7)) == 0
    db.session.refresh(of)
    assert of.state is S.ERASED
    assert db.session.query(Content).count() == 0


def test_two_lists_at_a_time(app: Flask, db: Any) -> None:
    mine, content = company(), csv([["P.IVA"], [factories.vat()]])
    hand_in(mine, content)
    hand_in(mine, content)
    with pytest.raises(TooManyAtOnce):
        hand_in(mine, content)
    assert hand_in(company("Altri S.r.l."), content).state is S.UPLOADED


def test_only_who_speaks_for_a_company_hands_in_its_list(app: Flask, db: Any) -> None:
    from registry.suppliers import reading
    from registry.suppliers.operations import Wishes

    content = csv([["P.IVA"], [factories.vat()]])
    for stranger in (
        factories.person(Role.COMPANY),
        factories.person(Role.ADMINISTRATOR),
        factories.person(Role.SECRETARIAT),
    ):
        with pytest.raises(NotYourCompany):
            operations.hand_in(
                company(f"Acquisti {stranger.id}"), content, "x.csv",
                reading.read(content, 100), Wishes("it"), by=stranger,
                at=factories.LONG_AGO, vault=the_vault(),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("wishes", "refusal"),
    [
        ({"threshold": 10}, BadThreshold),
        ({"threshold": 101}, BadThreshold),
        ({"on": factories.LONG_AGO.date() + timedelta(days=1)}, DateInFuture),
        ({"on": factories.LONG_AGO.date().replace(year=1999)}, rules.BadDay),
    ],
)
def test_wishes_nobody_can_fulfil_are_refused(
    app: Flask, db: Any, wishes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        hand_in(company(), csv([["P.IVA"], [factories.vat()]]), **wishes)


def test_the_same_key_brings_the_same_list_and_no_other(app: Flask, db: Any) -> None:
    from registry.suppliers import reading
    from registry.suppliers.operations import Wishes

    mine = company()

    def send(content: bytes) -> SupplierList:
        return operations.hand_in(
            mine, content, "x.csv", reading.read(content, 100), Wishes("it"),
            by=companies.buyer(mine), at=factories.LONG_AGO, vault=the_vault(),
            key="una chiave",
        )  # fmt: skip

    content = csv([["P.IVA"], [factories.vat()]])
    assert send(content).id == send(content).id
    with pytest.raises(KeyUsedBefore):
        send(content + b"\r\n")


def test_nothing_of_a_list_can_be_read_in_the_database_or_the_journal(
    app: Flask, db: Any
) -> None:
    holder = factories.certified().organisation
    secret = "Segretissima Fornitrice Unica"
    alike = holder.name.replace("Melograno", "Melogrno")
    rows = [["Fornitore", "P.IVA"], [secret, factories.vat()], [alike, ""]]
    of = hand_in(company(), csv(rows))
    check(of)
    confirm_all(of)
    check(of)
    assert of.state is S.DONE
    tables = [one for one in db.metadata.tables if one.startswith("supplier")]
    assert len(tables) == 4
    for name in tables:
        for row in db.session.execute(text(f"SELECT * FROM {name}")):  # noqa: S608
            said = repr(tuple(row))
            assert "Segretissima" not in said
            assert alike not in said
            assert "Fornitori 2026" not in said
            assert b"Segretissima".hex() not in said
    for entry in about(of.reference):
        assert "Segretissima" not in json.dumps(entry.facts)
        assert all(isinstance(value, int) for value in entry.facts.values())
    (kept,) = db.session.query(Confirmation).all()
    assert b"organisation" not in kept.sealed


def test_what_is_sealed_opens_only_in_its_place(app: Flask, db: Any) -> None:
    from registry.suppliers.vault import Unopenable, Vault

    vault = Vault("a secret of the tests, long enough")
    sealed = vault.seal(b"Il Melograno", "1:1:file:0")
    assert vault.open(sealed, "1:1:file:0") == b"Il Melograno"
    for other, place in (
        (vault, "2:1:file:0"),
        (Vault("another secret of the tests"), "1:1:file:0"),
    ):
        with pytest.raises(Unopenable):
            other.open(sealed, place)


def test_a_wrong_digit_says_which(app: Flask, db: Any) -> None:
    number = factories.vat()
    of = hand_in(company(), csv([["P.IVA"], [wrong(number)]]))
    check(of)
    told = companies.rows(result(of))[1][9]
    assert number[-1] in told
    assert wrong(number) in told
    assert issubclass(BadNumber, Exception)


def test_a_fault_of_the_database_is_logged_without_the_numbers_asked(
    app: Flask, db: Any, caplog: pytest.LogCaptureFixture
) -> None:
    number = factories.vat()
    hand_in(company(), csv([["P.IVA"], [number]]))
    db.session.execute(text("ALTER TABLE listings RENAME TO elsewhere"))
    db.session.commit()
    assert jobs.check_waiting(factories.LONG_AGO) == 0
    assert "failed on" in caplog.text
    assert number not in caplog.text


def test_what_was_remembered_is_forgotten_on_request(app: Flask, db: Any) -> None:
    holder = factories.certified().organisation
    mine = company()
    rows = [["Fornitore"], [holder.name.replace("Melograno", "Melogrno")]]
    of = hand_in(mine, csv(rows))
    check(of)
    confirm_all(of)
    check(of)
    operations.forget_company(mine, by=companies.buyer(mine), at=factories.LONG_AGO)
    assert db.session.query(Confirmation).count() == 0
    again = hand_in(mine, csv(rows))
    check(again)
    assert again.state is S.CONFIRMING

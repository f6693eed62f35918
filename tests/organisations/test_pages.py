"""The pages of organisations: they work, refuse in words, and hide from strangers."""

from typing import Any

from registry.accounts.models import Role
from registry.clock import FixedClock
from registry.mail.models import Letter
from registry.organisations import operations, queries
from registry.organisations.models import Capacity, Organisation
from tests.accounts.people import person
from tests.organisations.places import organisation, vat

HOSTILE = "<script>alert(1)</script> " + "a" * 10_000


def form(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "social_b",
        "name": "Il Gelso Cooperativa Sociale",
        "vat": vat(),
        "province": "BG",
        "town": "Dalmine",
        **changes,
    }


def test_the_secretariat_registers_and_invites_in_one_go(sign_in: Any, db: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    assert client.get("/organisations/register").status_code == 200
    sent = form(person="Rosa Blu", email="rosa@example.org")
    assert client.post("/organisations/register", data=sent).status_code == 302
    made = db.session.query(Organisation).one()
    assert [user.email for user in queries.speakers(made)] == ["rosa@example.org"]
    assert db.session.query(Letter).filter_by(to_email="rosa@example.org").count() == 1


def test_a_refused_form_keeps_what_was_typed_and_links_each_error(
    sign_in: Any, db: Any
) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    sent = form(vat="00743110158", person="Rosa Blu", email="rosa@example.org")
    page = client.post("/organisations/register", data=sent)
    assert page.status_code == 422
    assert 'href="#vat"' in page.text
    assert "00743110158" in page.text
    assert "l’ultima dovrebbe essere 7" in page.text
    assert 'value="Rosa Blu"' in page.text
    assert db.session.query(Organisation).count() == 0
    assert db.session.query(Letter).filter_by(to_email="rosa@example.org").count() == 0


def test_everything_wrong_with_a_form_is_told_at_once(sign_in: Any, db: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    sent = form(vat="00743110158", albo="X1", name="", province="")
    page = client.post("/organisations/register", data=sent)
    for field in ("vat", "albo", "name", "province", "person", "email"):
        assert f'href="#{field}"' in page.text
        assert f'id="{field}-error"' in page.text


def test_a_hostile_name_is_refused_and_shown_harmless(sign_in: Any, db: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    for name in (HOSTILE, "a\u202eb", "a\x00b", "\ud7ff" * 50):
        page = client.post("/organisations/new", data=form(name=name))
        assert page.status_code == 422
        assert "<script>alert" not in page.text
    assert db.session.query(Organisation).count() == 0


def test_the_list_is_searched_by_name_and_number(sign_in: Any, db: Any) -> None:
    made = organisation(name="Società Cooperativa Papavero", albo="A122855")
    organisation(name="Il Cardo")
    client = sign_in(person(Role.COMMITTEE))
    for typed in ("societa papav", made.vat, "a122855"):
        page = client.get("/organisations", query_string={"q": typed})
        assert "Papavero" in page.text
        assert "Il Cardo" not in page.text
    assert "Papavero" not in client.get("/organisations?province=TO").text
    for odd in (
        "page=999999999999",
        "page=x",
        "kind=nope",
        "q=%00'\"*",
        "q=AND OR",
        "province=%00",
    ):
        assert client.get(f"/organisations?{odd}").status_code == 200


def test_a_speaker_finds_its_organisation_and_no_other(sign_in: Any, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    mine, other = organisation(user, name="La Mia"), organisation(name="Altra")
    mine_id, other_id = mine.id, other.id
    client = sign_in(user)
    assert client.get("/organisations/mine").location == f"/organisations/{mine_id}"
    page = client.get(f"/organisations/{mine_id}")
    assert "La Mia" in page.text
    missing = client.get("/organisations/999999")
    foreign = client.get(f"/organisations/{other_id}")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.text == missing.text
    assert client.get("/organisations").status_code == 403
    for path in ("description", "speakers/invite"):
        assert client.get(f"/organisations/{other_id}/{path}").status_code == 404
    assert client.get(f"/organisations/{mine_id}/edit").status_code == 403


def test_who_speaks_for_several_chooses(sign_in: Any, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    organisation(user, name="La Prima")
    organisation(user, name="La Seconda")
    page = sign_in(user).get("/organisations/mine")
    assert "La Prima" in page.text
    assert "La Seconda" in page.text


def test_a_speaker_describes_what_it_does(sign_in: Any, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    made = organisation(user)
    client = sign_in(user)
    path = f"/organisations/{made.id}/description"
    assert client.get(path).status_code == 200
    sent = {
        "revision": str(made.revision),
        "seats-0-town": "Almè",
        "seats-0-province": "BG",
        "ateco-0": "81.21.00",
        "sectors": ["cleaning"],
        "website": "",
    }
    wrong = client.post(path, data={**sent, "ateco-0": "99.99.99"})
    assert wrong.status_code == 422
    assert "99.99.99" in wrong.text
    assert 'value="Almè"' in wrong.text
    done = client.post(path, data=sent)
    assert done.status_code == 302
    assert (
        "Attività di pulizia generale" in client.get(f"/organisations/{made.id}").text
    )


def test_a_wrong_seat_is_told_at_its_row(sign_in: Any, db: Any) -> None:
    user = person(Role.COOPERATIVE)
    made = organisation(user)
    sent = {
        "revision": str(made.revision),
        "seats-0-town": "x" * 100,
        "seats-0-province": "BG",
    }
    page = sign_in(user).post(f"/organisations/{made.id}/description", data=sent)
    assert page.status_code == 422
    assert 'href="#seats-0-town"' in page.text


def test_the_second_of_two_editors_is_told(sign_in: Any, db: Any) -> None:
    made = organisation(name="Nome Vecchio")
    stale = str(made.revision)
    client = sign_in(person(Role.SECRETARIAT))
    sent = form(vat=made.vat, name="Nome Uno", revision=stale)
    assert client.post(f"/organisations/{made.id}/edit", data=sent).status_code == 302
    late = client.post(
        f"/organisations/{made.id}/edit", data={**sent, "name": "Nome Due"}
    )
    assert late.status_code == 409
    assert 'value="Nome Due"' in late.text
    assert "Nome Uno" in late.text


def test_the_legal_representative_invites_and_dismisses_a_delegate(
    sign_in: Any, db: Any, clock: FixedClock
) -> None:
    user = person(Role.COOPERATIVE)
    made = organisation(user)
    client = sign_in(user)
    path = f"/organisations/{made.id}/speakers"
    sent = {"person": "Delia", "email": "delia@example.org", "language": "it"}
    wrong = client.post(f"{path}/invite", data={**sent, "email": "no"})
    assert wrong.status_code == 422
    assert 'value="Delia"' in wrong.text
    assert 'href="#email"' in wrong.text
    # A forged field does not make a legal representative.
    forged = {**sent, "capacity": "legal_representative"}
    assert client.post(f"{path}/invite", data=forged).status_code == 302
    db.session.expire_all()
    delegate = made.representations[-1]
    assert delegate.capacity is Capacity.DELEGATE
    assert client.post(f"{path}/{delegate.id}/dismiss").status_code == 302
    db.session.expire_all()
    assert delegate.ended_at is not None
    own = made.representations[0].id
    assert client.post(f"{path}/{own}/dismiss").status_code == 403
    assert client.post(f"{path}/999/dismiss").status_code == 404


def test_what_the_scheme_owner_published_is_shown_as_that(
    sign_in: Any, db: Any, clock: FixedClock
) -> None:
    secretary = person(Role.SECRETARIAT)
    made = organisation(name="Oikos")
    operations.list_published(
        scheme="impact",
        name="Oikos",
        town="Villa d'Almè",
        province="BG",
        kind="sociale B",
        source="Elenco del 2023",
        periods={"2023": True, "2024-08": False},
        listed_on=clock.now().date(),
        organisation=made,
        by=secretary,
        at=clock.now(),
    )
    page = sign_in(secretary).get(f"/organisations/{made.id}")
    assert "Elenco del 2023" in page.text
    assert "2024-08" not in page.text

"""The outbox as the secretariat sees it."""

from itertools import product

import pytest

from registry.accounts.models import Role
from registry.mail import jobs, operations, queries
from registry.mail.models import MOVES, Letter, LetterState
from registry.mail.writing import html_twin
from registry.states import WrongState, mermaid, move
from tests import factories


@pytest.fixture
def secretary(app):
    return factories.person(Role.SECRETARIAT)


def write(about, clock, **changes):
    """A letter in the outbox, as `post` leaves it."""
    facts = {
        "message_id": f"<{about}@registry>",
        "event": "applications/accepted",
        "about": about,
        "language": "it",
        "to_email": "chi@example.org",
        "to_name": "Chi Legge",
        "subject": "La domanda è accettata",
        "body": "Buongiorno.\n\nbase:/applications/1\n",
        "secret": False,
        "state": LetterState.WAITING,
        "written_at": clock.now(),
        "next_attempt_at": clock.now(),
    } | changes
    return Letter(**facts)


def test_the_secretariat_reads_a_letter_with_whole_addresses(
    db, clock, sign_in, secretary
):
    letter = write("application:1", clock)
    db.session.add(letter)
    client = sign_in(secretary)
    page = client.get(f"/letters/{letter.id}")
    assert page.status_code == 200
    assert "http://localhost/applications/1" in page.text
    assert letter.subject in client.get("/letters").text


def test_nobody_else_reads_letters(db, clock, sign_in):
    letter = write("application:1", clock)
    db.session.add(letter)
    client = sign_in(factories.person())
    assert client.get(f"/letters/{letter.id}").status_code == 403
    assert client.get("/letters").status_code == 403


def test_the_words_of_a_sign_in_letter_are_never_shown(db, clock, sign_in, secretary):
    letter = write("user:1", clock, secret=True, body="base:/invitation/segretissimo")
    db.session.add(letter)
    client = sign_in(secretary)
    assert "segretissimo" not in client.get(f"/letters/{letter.id}").text
    refused = client.post(f"/letters/{letter.id}/resend")
    assert refused.status_code == 409


def test_sending_again_makes_a_new_letter_with_the_same_words(
    db, clock, sign_in, secretary
):
    letter = write("application:1", clock, state=LetterState.SENT)
    db.session.add(letter)
    client = sign_in(secretary)
    assert client.post(f"/letters/{letter.id}/resend").status_code == 302
    first, again = queries.about("application:1")
    assert (again.body, again.state) == (first.body, LetterState.WAITING)
    assert again.message_id != first.message_id


def test_a_failed_letter_waits_again(db, clock, secretary):
    letter = write("application:1", clock, state=LetterState.FAILED, attempts=48)
    db.session.add(letter)
    operations.resend(letter, by=secretary, at=clock.now())
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 0)


def test_links_nobody_brought_are_forgotten(db, clock):
    letter = write("user:1", clock, secret=True)
    db.session.add(letter)
    db.session.commit()
    clock.tick(days=5)
    assert jobs.forget_secrets(clock.now()) == 1
    assert jobs.forget_secrets(clock.now()) == 0
    db.session.refresh(letter)
    assert letter.body is None


def test_the_html_twin_wraps_lines_itself_and_keeps_items_apart():
    text = (
        "Un capoverso che nel testo semplice occupa più di una riga, poiché è lungo,\n"
        "continua qui:\nhttps://example.org/a\n\n"
        "- Una voce lunga quanto basta per riempire tutta quanta la sua riga intera:\n"
        "  il suo seguito\n- un’altra voce\n"
    )
    twin = html_twin(text, "it")
    assert "poiché è lungo, continua qui:<br><a" in twin
    assert "intera:<br>  il suo seguito<br>- un’altra voce</p>" in twin


def test_the_html_twin_escapes_what_people_typed():
    twin = html_twin("Buongiorno <b>&\n\nhttps://example.org/a?b=1&c=2.\n", "it")
    assert "&lt;b&gt;&amp;" in twin
    assert '<a href="https://example.org/a?b=1&amp;c=2">' in twin


@pytest.mark.parametrize(("start", "to"), [*product(LetterState, repeat=2)])
def test_only_the_moves_in_the_table_are_possible(start, to):
    class Thing:
        state = start

    if to in MOVES[start]:
        move(Thing, to, MOVES)
        assert Thing.state is to
    else:
        with pytest.raises(WrongState):
            move(Thing, to, MOVES)


def test_the_drawing_in_the_docstring_is_true():
    import registry.mail

    assert mermaid(MOVES) in registry.mail.__doc__

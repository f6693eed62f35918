"""Whose move it is, and which moves there are."""

import pytest

from registry import applications
from registry.applications.models import (
    CLOSED,
    DECIDED,
    MOVES,
    Application,
    ApplicationState,
)
from registry.states import WrongState, mermaid, move

PAIRS = [(a, b) for a in ApplicationState for b in ApplicationState]


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=lambda state: str(state))
def test_an_application_moves_only_as_the_table_says(
    a: ApplicationState, b: ApplicationState
) -> None:
    application = Application(state=a)
    if b in MOVES[a]:
        move(application, b, MOVES)
        assert application.state is b
    else:
        with pytest.raises(WrongState):
            move(application, b, MOVES)
        assert application.state is a


def test_the_drawing_in_the_room_is_the_table() -> None:
    drawn = [line.strip() for line in mermaid(MOVES).splitlines()]
    said = [line.strip() for line in (applications.__doc__ or "").splitlines()]
    assert [line for line in said if "-->" in line] == drawn[1:]


def test_what_is_decided_is_closed_and_never_opened_again() -> None:
    assert DECIDED <= CLOSED
    assert not any(MOVES[state] for state in CLOSED)


def test_an_open_application_can_always_be_withdrawn() -> None:
    for state in set(ApplicationState) - CLOSED:
        assert ApplicationState.WITHDRAWN in MOVES[state]

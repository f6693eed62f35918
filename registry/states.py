"""How a thing moves from one state to the next: a table, and one function."""

import enum
from collections.abc import Mapping
from typing import Protocol, TypeVar

from registry.errors import N_, Conflict

State = TypeVar("State", bound=enum.StrEnum)
Moves = Mapping[State, frozenset[State]]


class Stateful(Protocol[State]):
    state: State


class WrongState(Conflict):
    """The thing is not in a state from which this move is allowed."""


def move(thing: Stateful[State], to: State, moves: Moves[State]) -> None:
    """Set `thing.state`; raises WrongState when `moves` has no such step."""
    if to not in moves[thing.state]:
        raise WrongState(
            N_("This is “%(state)s” now: what you asked is no longer possible."),
            state=thing.state.value,
        )
    thing.state = to


def mermaid(moves: Moves[State]) -> str:
    """Draw `moves`.  The drawing in a room's docstring is checked against this."""
    lines = [f"    {a} --> {b}" for a in moves for b in type(a) if b in moves[a]]
    return "\n".join(["stateDiagram-v2", *lines])

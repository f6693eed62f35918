"""How a list moves on."""

import itertools

import pytest

from registry import suppliers
from registry.states import WrongState, mermaid, move
from registry.suppliers.models import MOVES, ListState, SupplierList


@pytest.mark.parametrize(
    ("before", "after"), list(itertools.product(ListState, ListState))
)
def test_a_list_moves_only_along_the_drawing(
    before: ListState, after: ListState
) -> None:
    one = SupplierList(state=before)
    if after in MOVES[before]:
        move(one, after, MOVES)
        assert one.state is after
    else:
        with pytest.raises(WrongState):
            move(one, after, MOVES)


def test_the_drawing_shows_the_moves() -> None:
    assert mermaid(MOVES) in (suppliers.__doc__ or "")

"""The threads of a process that answers keep to a core that no other process has."""

import os
from pathlib import Path
from threading import Thread
from typing import Any

from registry.web.cores import OnOneCore


def _asked(layer: OnOneCore) -> set[int]:
    """Where the thread may run that answers a question."""
    seen: list[set[int]] = []
    layer._app = lambda *_: [seen.append(os.sched_getaffinity(0)) or b""]  # type: ignore[func-returns-value]
    thread = Thread(target=layer, args=({}, lambda *_: None))
    thread.start()
    thread.join()
    return seen[0]


def test_each_process_has_a_core_as_long_as_there_are_some(tmp_path: Path) -> None:
    free: Any = os.sched_getaffinity(0)
    layers = [OnOneCore(lambda *_: [], tmp_path) for _ in range(len(free) + 1)]
    *kept, last = [_asked(layer) for layer in layers]
    assert kept == [{core} for core in sorted(free)]
    assert last == free
    assert os.sched_getaffinity(0) == free
    layers[0].close()
    again = OnOneCore(lambda *_: [], tmp_path)
    assert again.core == layers[0].core
    for layer in [*layers, again]:
        layer.close()

"""When Python looks for garbage: not in the middle of making a paper, but right after.

Pages and seals leave thousands of objects that point at each other. Looked for all the
while they cost an eighth of the time, and what is still in use when looked at is not
looked at again until the next of the rare full searches: memory grows. Looked for once,
when all of it is young and nothing of it is needed any more, neither.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_looked_for() -> Iterator[None]:
    """No search for garbage inside: where all that is made is kept, it finds none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def looked_for_once() -> Iterator[None]:
    """No search for garbage inside, one look at the young objects after."""
    with not_looked_for():
        try:
            yield
        finally:
            gc.collect(1)

"""Every night the register is written out."""

from datetime import datetime

from registry.dumps.nights import write_night


def write_nightly(at: datetime) -> int:
    """Write the files of this day; 0 where they are there already."""
    return write_night(at)

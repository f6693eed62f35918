"""Pure questions about files."""

import unicodedata

LONGEST_NAME = 120


def plain_name(name: str) -> str:
    """
    A file's name as we keep and show it: no folders, nothing invisible, not endless.

    The ending stays when the middle has to go.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    text = unicodedata.normalize("NFC", last)
    seen = "".join(
        c for c in text if unicodedata.category(c)[0] not in "CZ" or c == " "
    )
    seen = " ".join(seen.split()).strip(". ")
    if len(seen) > LONGEST_NAME:
        stem, dot, ending = seen.rpartition(".")
        short = dot and len(ending) <= 8
        seen = f"{stem[:100]}….{ending}" if short else seen[:LONGEST_NAME]
    return seen or "file"

"""Italian says “dall’8 maggio” and “l’11 ottobre”, as the numbers are spoken."""

import re

MONTHS = (
    "gennaio|febbraio|marzo|aprile|maggio|giugno|"
    "luglio|agosto|settembre|ottobre|novembre|dicembre"
)
#: The days whose name begins with a vowel: otto, undici.
WITH_VOWEL = (8, 11)
DAYS = "|".join(map(str, WITH_VOWEL))
ARTICLE = re.compile(
    rf"\b(?:([Ii])l|([DdNn]e|[DdSs]?[au]|A)l)[ \xa0](?=(?:{DAYS})[ \xa0](?:{MONTHS})\b)"
)


def elided(sentence: str) -> str:
    """The sentence with the article before otto and undici as it is written."""
    return ARTICLE.sub(
        lambda found: (
            "L’" if found[1] == "I" else "l’" if found[1] else f"{found[2]}ll’"
        ),
        sentence,
    )

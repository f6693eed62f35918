"""How alike two names of organisations are, whatever the spelling of their legal form.

The weights, penalties and limits are the register's own choice.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from registry.search import key

#: The words of legal forms and how they are shortened; letters with dots are joined.
FORMS = {
    **dict.fromkeys(("cooperativa", "coop", "cooperative", "cop"), "cooperativa"),
    **dict.fromkeys(("sociale", "soc", "sociali"), "sociale"),
    **dict.fromkeys(("scs", "csoc", "scsa", "scsarl"), "cooperativa sociale"),
    **dict.fromkeys(("sc", "scarl", "scrl", "scpa", "sca"), "cooperativa"),
    **dict.fromkeys(("consorzio", "cons", "consortile"), "consorzio"),
    **dict.fromkeys(("srl", "srls", "spa", "snc", "sas", "sapa"), "company"),
    **dict.fromkeys(("associazione", "fondazione"), "other"),
    **dict.fromkeys(("aps", "odv", "asd", "ssd"), "other"),
}
#: They tell nothing: added or left out at will, or said of nearly everyone.
EMPTY = {
    *("societa", "arl", "responsabilita", "limitata", "per", "azioni", "onlus", "ets"),
    *("impresa", "a", "r", "l", "s", "c", "unipersonale", "liquidazione", "ente"),
    *("terzo", "settore", "tipo", "mutualita", "prevalente", "permanente"),
}
#: Small words, left out and changed over without a thought.
SMALL = {
    *("il", "lo", "la", "i", "gli", "le", "un", "una", "l", "d", "dell", "dall"),
    *("di", "del", "della", "dei", "delle", "dello", "degli", "e", "ed", "in", "per"),
    *("da", "al", "alla", "con", "su", "sul", "nel", "the", "and"),
}
LETTERS = re.compile(r"\b(?:[a-z] )+[a-z]\b")
#: Words less alike than this are different words.
ALIKE = 0.75
SHORTENED = 3
#: What identical names are worth when one does not say its legal form.
UNSAID = 98
MOST_DIFFERENT = 97
#: A company of the same name is somebody else, and so is the consortium.
OTHER_FORM, OTHER_NUMBER = 25, 20


@dataclass(frozen=True)
class Name:
    """A name taken apart: the words that tell, and the legal form."""

    core: tuple[str, ...]
    forms: frozenset[str]
    #: All its words but the legal form, with no blanks between them.
    joined: str

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(word for word in self.core if word.isdigit())


@lru_cache(maxsize=8_192)
def taken_apart(written: str) -> Name:
    """A name as it is compared."""
    # “S.c.s.”, “a r. l.”, “C.S.A.”: one word each.
    words = LETTERS.sub(lambda run: run[0].replace(" ", ""), key(written)).split()
    forms = {form for word in words for form in FORMS.get(word, "").split()}
    telling = [word for word in words if word not in FORMS and word not in EMPTY]
    core = [word for word in telling if word not in SMALL]
    return Name(
        tuple(core or telling or words), frozenset(forms), "".join(telling or words)
    )


def likeness(typed: Name, there: Name, weight: Callable[[str], float]) -> int:
    """
    How alike two names are, 0–100; 100 only if they are the same name.

    `weight` says how much a word tells: a rare one more than one that many bear.
    """
    if sorted(typed.core) == sorted(there.core):
        score = 100 if typed.forms else UNSAID
    else:
        spelling = max(
            fuzz.ratio(" ".join(sorted(typed.core)), " ".join(sorted(there.core))),
            fuzz.ratio(typed.joined, there.joined),
        )
        words = 100 * _shared(typed.core, there.core, weight)
        score = min(MOST_DIFFERENT, round(0.6 * words + 0.4 * spelling))
        if typed.joined == there.joined:
            score = MOST_DIFFERENT
    if typed.numbers != there.numbers:
        score -= OTHER_NUMBER
    if _contradict(typed.forms, there.forms):
        score -= OTHER_FORM
    return max(0, score)


def _shared(
    typed: tuple[str, ...], there: tuple[str, ...], weight: Callable[[str], float]
) -> float:
    """The share of what both names tell that they have in common, 0–1."""
    left, common = list(there), 0.0
    for word in typed:
        like, best = max(((_alike(word, one), one) for one in left), default=(0.0, ""))
        if like >= ALIKE:
            left.remove(best)
            common += like * (weight(word) + weight(best))
    told = sum(map(weight, typed)) + sum(map(weight, there))
    return common / told if told else 0.0


def _alike(word: str, other: str) -> float:
    if word == other:
        return 1.0
    short, long = sorted((word, other), key=len)
    if len(short) >= SHORTENED and long.startswith(short):
        return max(0.8, len(short) / len(long))
    return OSA.normalized_similarity(word, other)


def _contradict(typed: frozenset[str], there: frozenset[str]) -> bool:
    """Whether the legal forms are those of two different bodies."""
    if not typed:
        return False
    cooperative = {"cooperativa", "sociale"}
    foreign = typed & {"company", "other"} and not typed & (cooperative | there)
    return bool(foreign) or ("consorzio" in typed) != ("consorzio" in there)

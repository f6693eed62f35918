"""The phrases of the explanations, in Italian and in English."""

import datetime as dt
from decimal import Decimal

_MONTHS = {
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}

PHRASES: dict[str, dict[str, str]] = {
    "it": {
        "yes": "sì",
        "no": "no",
        "or": " o ",
        "and": " e ",
        "none": "nessuna",
        "never": "nessuna data",
        "month": "mese",
        "months": "mesi",
        "day": "giorno",
        "days": "giorni",
        "row": "riga {n}",
        "of": "{part} su {whole}",
        "also": "; e inoltre ",
        "else": ", oppure ",
        "some": "almeno {n} fra: ",
        "needs": "serve: {wanted}",
        "needs_one_of": "serve: {wanted}",
        "lacks": "manca: {wanted}",
        "at_least": "almeno {n}",
        "at_most": "al massimo {n}",
        "needs_at_least": "ne serve almeno {n}",
        "needs_at_most": "al massimo {n}",
        "share_asked": "almeno {p}",
        "part_asked": "almeno {p} di «{whole}»",
        "needs_share": "ne serve {p}",
        "left_out": "non ammessi: {rows}",
        "signed_by": "{code} (firmato da {who})",
        "not_in_table": "{code} (codice non in tabella)",
        "within": "non più di {n} prima",
        "ago": "{day}, {age} fa",
        "today": "{day}, oggi",
        "until": "vale fino al {day}",
        "too_old": "ammessi al massimo {n}, passati il {day}",
        "future": "{day}, una data futura",
        "not_passed": "non ancora passata",
        "passed": "{day}, già passato",
        "includes": "comprende {wanted}",
        "answer": "manca la risposta",
        "not_asked": "la domanda non è dovuta",
        "perhaps": "dipende da una risposta che manca",
        "verification": "dichiarato, da verificare",
        "refused": "non confermato dall’auditor",
        "evidence": "la prova è scaduta",
        "illegal": "il valore indicato non è ammesso",
        "incomplete": "righe da completare",
        "cell": "manca «{column}»",
        "reserve": "Con riserva fino al {day}. {text}",
        "reserve_spent": "La riserva è già stata usata una volta.",
        "reserve_lapsed": "La riserva valeva fino al {day}.",
        "reserve_missing": "Per la riserva: {text}",
        "or_else": "Oppure: {text}",
        "waited": "L’attesa è finita. {text}",
        "ended": "{code} (codice in uso fino al {day})",
        "starts": "{code} (codice in uso dal {day})",
        "quoted": "«{text}»",
        "count_of": "si contano le righe di «{rows}»",
        "distinct_of": "si contano i valori diversi di «{column}» in «{rows}»",
        "sum_of": "somma di «{column}» in «{rows}»",
        "share_of": "parte di «{column}» in «{rows}»",
        "latest_of": "ultima data di «{column}» in «{rows}»",
        "where": " per cui: {rule}",
        "days_between": "giorni da «{a}» a «{b}»",
        "less": ", meno «{c}»",
        "same_day": "un’altra riga ha lo stesso «{a}» e per essa: {rule}",
        "in_period": "«{a}» nei {n} che finiscono il giorno di «{b}»",
        "in_table": ("«{a}» è fra i codici ammessi dalla tabella alla data di «{b}»"),
        "read_reserve": "Con riserva, se: {rule}. La riserva dura fino a: {until}.",
        "once": "Si può usare una volta sola.",
        "read_awaits": "Il giudizio resta sospeso se: {rule}.",
        "until_answer": "il giorno di «{a}»",
        "until_after": "{n} dopo «{a}»",
        "earliest": ", oppure se viene prima ",
    },
    "en": {
        "yes": "yes",
        "no": "no",
        "or": " or ",
        "and": " and ",
        "none": "none",
        "never": "no date",
        "month": "month",
        "months": "months",
        "day": "day",
        "days": "days",
        "row": "row {n}",
        "of": "{part} out of {whole}",
        "also": "; and also ",
        "else": ", or else ",
        "some": "at least {n} of: ",
        "needs": "needed: {wanted}",
        "needs_one_of": "needed: {wanted}",
        "lacks": "missing: {wanted}",
        "at_least": "at least {n}",
        "at_most": "at most {n}",
        "needs_at_least": "at least {n} needed",
        "needs_at_most": "at most {n}",
        "share_asked": "at least {p}",
        "part_asked": "at least {p} of “{whole}”",
        "needs_share": "{p} needed",
        "left_out": "not admitted: {rows}",
        "signed_by": "{code} (signed by {who})",
        "not_in_table": "{code} (not a code of the table)",
        "within": "not more than {n} before",
        "ago": "{day}, {age} ago",
        "today": "{day}, today",
        "until": "good until {day}",
        "too_old": "at most {n} allowed, passed on {day}",
        "future": "{day}, a date in the future",
        "not_passed": "not passed yet",
        "passed": "{day}, already passed",
        "includes": "includes {wanted}",
        "answer": "not answered yet",
        "not_asked": "the question is not due",
        "perhaps": "it depends on an answer still missing",
        "verification": "declared, to be verified",
        "refused": "not confirmed by the auditor",
        "evidence": "its evidence has expired",
        "illegal": "the value given is not allowed",
        "incomplete": "rows to complete",
        "cell": "“{column}” is missing",
        "reserve": "With reserve until {day}. {text}",
        "reserve_spent": "The reserve has already been used once.",
        "reserve_lapsed": "The reserve lasted until {day}.",
        "reserve_missing": "For the reserve: {text}",
        "or_else": "Or else: {text}",
        "waited": "The wait is over. {text}",
        "ended": "{code} (code in use until {day})",
        "starts": "{code} (code in use from {day})",
        "quoted": "“{text}”",
        "count_of": "the rows of “{rows}” are counted",
        "distinct_of": "the different values of “{column}” in “{rows}” are counted",
        "sum_of": "sum of “{column}” in “{rows}”",
        "share_of": "part of “{column}” in “{rows}”",
        "latest_of": "latest date of “{column}” in “{rows}”",
        "where": " for which: {rule}",
        "days_between": "days from “{a}” to “{b}”",
        "less": ", less “{c}”",
        "same_day": "another row has the same “{a}” and for it: {rule}",
        "in_period": "“{a}” in the {n} ending on the day of “{b}”",
        "in_table": (
            "“{a}” is among the codes the table of agreements admits on “{b}”"
        ),
        "read_reserve": "With reserve, if: {rule}. The reserve lasts until: {until}.",
        "once": "It can be used once only.",
        "read_awaits": "The verdict is left pending if: {rule}.",
        "until_answer": "the day of “{a}”",
        "until_after": "{n} after “{a}”",
        "earliest": ", or if earlier ",
    },
}


def day(value: dt.date, language: str) -> str:
    """A day in words: "12 ottobre 2026", "12 October 2026"."""
    first = "1º" if language == "it" and value.day == 1 else str(value.day)
    return f"{first} {_MONTHS[language][value.month - 1]} {value.year}"


def number(value: int | Decimal, language: str) -> str:
    """A number with the separators of the language: "1.250", "4,5"."""
    text = f"{value:,}"
    if language == "it":
        text = text.translate(str.maketrans(",.", ".,"))
    return text


def percent(permille: int, language: str) -> str:
    """A percentage from tenths of a point: 857 is "85,7 %" or "85.7%"."""
    whole, tenth = divmod(permille, 10)
    point, blank = (",", "\u00a0") if language == "it" else (".", "")
    return f"{whole}{point}{tenth}{blank}%" if tenth else f"{whole}{blank}%"


def the_percent(whole: int, language: str) -> str:
    """A whole percentage with its Italian article: "il 100 %", "l’80 %"."""
    plain = percent(whole * 10, language)
    if language != "it":
        return plain
    elided = whole in (1, 8, 11) or 80 <= whole <= 89
    return f"l’{plain}" if elided else f"il {plain}"

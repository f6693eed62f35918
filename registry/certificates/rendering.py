"""From the facts of a certificate to its two pages.

The facts are every word the paper says (written down when the number is reserved); this
file only sets them. Lines are broken here, by the widths of the letters, because a
certificate is looked at: a name stands in balanced lines, and nothing wraps by chance.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from markupsafe import Markup, escape

from registry.certificates import flower
from registry.certificates.layouts import NEWEST, Layout, Look, layout, look
from registry.certificates.qr import QUIET, modules, qr_svg
from registry.certificates.typesetting import (
    MILLIMETRE,
    NAME_SIZES,
    WIDE,
    balanced,
    filled,
    measured,
    set_name,
)
from registry.paper import Enclosure, Paper, SealField
from registry.typefaces import Typefaces

BODY = (153.0, 227.0)  # millimetres from the top that the text may fill
FLOWER = (105.0, 100.5, 50.5)  # its middle and the length of a petal
EMBLEM = (92.5, 252.9, 26.0)
CODE = (22.0, 253.4, 25.0)
EVIDENCE_LINES = 3
# With more criteria than these the table of the second page is set closer.
FEW = 6

NO_BREAK = "\N{NO-BREAK SPACE}"
LOWEST_LABEL = 151.0  # where the text may begin
# What facts say in a language, beside the kind of organisation.
SAID = (
    *("language", "scheme_title", "edition_title", "criteria", "signatory"),
    *("level", "not_applicable"),
)

Facts = Mapping[str, Any]


def fingerprint(facts: Facts) -> str:
    """SHA-256, in hexadecimal, of the facts in canonical JSON, itself left out."""
    told = {key: value for key, value in facts.items() if key != "fingerprint"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def bilingual(first: Facts, second: Facts) -> dict[str, Any]:
    """One paper in two languages from the facts of the same certificate in each.

    The first is what counts, the second stands below it in smaller type.
    """
    also = {name: second[name] for name in SAID if name in second}
    also["organisation"] = {"kind_label": second["organisation"]["kind_label"]}
    told = {**first, "also": also}
    return {**told, "fingerprint": fingerprint(told)}


def render(
    facts: Facts,
    paper: Paper,
    enclosures: tuple[Enclosure, ...] = (),
    *,
    room: int = 0,
) -> bytes:
    """The two pages of a certificate as unsealed PDF, with an empty field for the seal.

    `enclosures` travel inside; `room` is left in the field, in bytes, for a seal in the
    first revision. The same input gives the same bytes. Raises NoLayout for an unknown
    design or scheme.
    """
    design = layout(facts["layout"])
    colours = look(facts["scheme"], facts["layout"])
    page = _Page(facts, design, colours, paper.typefaces)
    return paper.print(
        design.template.render(page.words()),
        f"{design.css}\n{colours.css}",
        {},
        title=page.title,
        author=facts["body"]["name"],
        created=datetime.combine(date.fromisoformat(facts["issued_on"]), time(), UTC),
        field=SealField(
            EMBLEM[0],
            EMBLEM[1],
            EMBLEM[2],
            EMBLEM[2],
            page.texts["field"].format(body=facts["body"]["name"]),
            room=room,
        ),
        enclosures=enclosures,
    )


def written_day(iso: str, language: str) -> str:
    """A day as paper writes it, which never breaks at the end of a line."""
    day, months = date.fromisoformat(iso), layout(NEWEST).texts[language]["months"]
    return f"{day.day} {months[day.month - 1]} {day.year}".replace(" ", NO_BREAK)


def _lines(lines: Iterable[str]) -> Markup:
    return Markup("\n").join(escape(line) for line in lines)


def _grouped(digest: str) -> list[str]:
    plain = digest.removeprefix("sha256:")
    fours = [plain[i : i + 4] for i in range(0, len(plain), 4)]
    return [" ".join(fours[:8]), " ".join(fours[8:])]


def _give_way(labels: list[dict[str, Any]]) -> None:
    """Of many, the two beside the lowest label end where that one begins."""
    middle = len(labels) // 2
    for label in (labels[middle - 1], labels[middle + 1]):
        lines = sum(len(label[part]) for part in ("lines", "other", "notes"))
        high = lines * 7.6 * 1.25 / MILLIMETRE
        label["top"] = round(min(label["top"], labels[middle]["top"] - high), 2)


class _Page:
    """Everything the template prints, worked out from the facts."""

    def __init__(
        self, facts: Facts, design: Layout, colours: Look, typefaces: Typefaces
    ) -> None:
        self.facts, self.look, self.typefaces = facts, colours, typefaces
        self.language = facts["language"]
        self.phrases = colours.words[self.language]
        #: What a mark says in words of its own takes the place of the layout's.
        self.texts = {**design.texts[self.language], **self.phrases}
        self.organisation = facts["organisation"]
        self.title = self.texts["title"].format(
            number=facts["number"], name=self.organisation["name"]
        )
        self.edition = facts["edition"].rpartition("/")[2]
        self.address = facts["address"].split("://", 1)[-1]
        shown = len(facts["criteria"]) + len(facts.get("not_applicable", ()))
        self.is_long = shown > FEW
        self.second = self._in_the_other_language(design)

    def _in_the_other_language(self, design: Layout) -> "_Page | None":
        also = self.facts.get("also")
        if not also:
            return None
        alone = {key: value for key, value in self.facts.items() if key != "also"}
        holder = {**self.organisation, **also["organisation"]}
        told = {**alone, **also, "organisation": holder}
        return _Page(told, design, self.look, self.typefaces)

    def words(self) -> dict[str, Any]:
        """The template's variables."""
        return {
            "facts": self.facts,
            "language": self.language,
            "title": self.title,
            "texts": self.texts,
            "look": self.look,
            "words": self.phrases,
            "lines": _lines,
            "labels": self._labels(),
            "body": self._body(),
            "cells": self._cells(),
            "is_long": self.is_long,
            "address": self.address,
            "level": self._level(),
            "second": self.second.below() if self.second else None,
            **self._pictures(),
            **self._foot(),
            **self._annex(),
        }

    def below(self) -> dict[str, Any]:
        """What stands in the second language below the first."""
        serif = measured(self.typefaces, "SourceSerif-Italic", 9.2)
        return {
            "language": self.language,
            "texts": self.texts,
            "sentence": balanced(self._sentence(), serif, 160.0, 3)
            or filled(self._sentence(), serif, WIDE),
            "office": self.facts["signatory"]["office"],
            "rows": self._rows(),
            "issued": self._issued(),
        }

    def _level(self) -> str:
        level = self.facts.get("level")
        return str(self.texts["level"].format(level=level)) if level else ""

    def _pictures(self) -> dict[str, Markup]:
        code, left, side = self.facts["address"], CODE[0], CODE[2]
        module = side / modules(code)
        drawn = qr_svg(
            code, self.look.colours["ink"], title=self.texts["qr"].format(address=code)
        )
        place = (
            f'<svg style="left:{left - QUIET * module:.3f}mm;'
            f"top:{CODE[1] - QUIET * module:.3f}mm;"
            f"width:{side + 2 * QUIET * module:.3f}mm;"
            f'height:{side + 2 * QUIET * module:.3f}mm"'
        )
        return {
            "qr": Markup(str(drawn).replace("<svg", place, 1)),  # noqa: S704 ours
            "mark": flower.mark_svg(self.look, title=self.look.mark),
            "emblem": flower.emblem_svg(
                self.look, self.typefaces, title=self.phrases["emblem"]
            ),
            "flower": flower.flower_svg(
                self.facts["criteria"], self.look, title=self._told()
            ),
        }

    def _told(self) -> str:
        words = {"met": "petal_met", "met_with_reserve": "petal_reserve"}
        each = [
            self.texts[words.get(c["result"], "petal_optional")].format(
                title=c["title"]
            )
            + (f", {grade}" if (grade := self._grade(c)) else "")
            for c in self.facts["criteria"]
        ]
        return str(self.texts["flower"].format(list="; ".join(each)))

    def _grade(self, criterion: Facts) -> str:
        """The points of a graded criterion, in words; nothing for pass or fail."""
        if criterion.get("points") is None:
            return ""
        return str(self.texts["points"].format(**criterion))

    def _labels(self) -> list[dict[str, Any]]:
        criteria = self.facts["criteria"]
        labels = [
            self._label(index, len(criteria), criterion)
            for index, criterion in enumerate(criteria)
        ]
        if self.is_long and len(labels) % 2 == 0:
            _give_way(labels)
        return labels

    def _label(self, index: int, count: int, criterion: Facts) -> dict[str, Any]:
        """A petal's title beside its tip: on its outer side, or above and below it."""
        across, down = flower.tip(index, count)
        x, y = FLOWER[0] + FLOWER[2] * across, FLOWER[1] + FLOWER[2] * down
        measure = measured(self.typefaces, "SourceSans-Semibold", 7.6 * 1.06)
        reserve = criterion["result"] == "met_with_reserve"
        above, below = abs(across) < 0.1 and down < 0, abs(across) < 0.1 and down > 0
        room = 60.0 if above else 48.0 if below else 188.0 - max(x, 210 - x) - 3
        lines = balanced(criterion["title"], measure, room, 4) or filled(
            criterion["title"], measure, room
        )
        other = self._label_below(index, room)
        notes = [self.texts["reserve"]] if reserve else []
        notes = [grade] if (grade := self._grade(criterion)) else notes
        high = (len(lines) + len(other) + len(notes)) * 7.6 * 1.25 / MILLIMETRE
        left = x - 22 if above else x + 19 if below else x + 3 if across > 0 else x - 47
        if down < -0.9:
            top = y - high - 2.4
        elif down > 0:
            top = y - min(high / 2, 3.2) + 1.4 * down
        else:
            top = y - high / 2
        if not above:
            top = min(top, LOWEST_LABEL - high)
        return {
            "lines": lines,
            "other": other,
            "notes": notes,
            "left": round(left, 2),
            "top": round(top, 2),
            "align": "center" if above else "left" if across > 0 or below else "right",
            "colour": self.look.petal(index).label,
        }

    def _label_below(self, index: int, room: float) -> list[str]:
        if self.second is None:
            return []
        title = self.second.facts["criteria"][index]["title"]
        measure = measured(self.typefaces, "SourceSans-Regular", 7.6 * 1.04)
        return balanced(title, measure, room, 3) or filled(title, measure, room)

    def _body(self) -> dict[str, Any]:
        """Name, identity and sentence, standing in the middle of their room."""
        size, wide = (10.6, 158.0) if self.second else (12.2, 150.0)
        identity, below = self._identity(), 0.0
        serif = measured(self.typefaces, "SourceSerif-Regular", size)
        sentence = balanced(self._sentence(), serif, wide, 4) or filled(
            self._sentence(), serif, WIDE
        )
        if self.second:
            below = len(self.second.below()["sentence"]) * 9.2 * 1.35 + 4
        under = len(identity) * 9.4 * 1.45 + len(sentence) * size * 1.5 + below
        for largest, _ in NAME_SIZES:
            name = set_name(self.organisation["name"], self.typefaces, largest)
            above = 8.6 * 1.3 + len(name.lines) * name.size * 1.12
            high = (above + under) / MILLIMETRE + 11.6
            if high <= BODY[1] - BODY[0]:
                break
        return {
            "name": name,
            "identity": identity,
            "sentence": sentence,
            "size": size,
            "top": round(BODY[0] + max(0.0, (BODY[1] - BODY[0] - high) * 0.4), 2),
        }

    def _identity(self) -> list[str]:
        known = self.organisation
        town = known["town"] or ""
        if town and known["province"]:
            town = f"{town} ({known['province']})"
        codes = ["vat", "albo", "rea"]
        if known["tax_code"] != known["vat"]:
            codes.insert(1, "tax_code")
        lines = [
            [part for part in (known["kind_label"], town) if part],
            [self.texts[code].format(**known) for code in codes if known.get(code)],
        ]
        sans = measured(self.typefaces, "SourceSans-Regular", 9.4 * 1.03)
        return [
            set_line
            for line in lines
            for set_line in filled(" · ".join(line), sans, WIDE)
        ]

    def _sentence(self) -> str:
        criteria = [one for one in self.facts["criteria"] if not one.get("optional")]
        open_ones = [one for one in criteria if one["result"] != "met"]
        kind, title, until = "sentence", "", ""
        if open_ones:
            title, day = open_ones[0]["title"], open_ones[0].get("reserve_until")
            until = self._day(day) if day else ""
            kind = "sentence_reserve" if day else "sentence_reserve_open"
        if len(open_ones) > 1:
            kind = "sentence_reserves"
        return str(
            self.texts[kind].format(
                scheme=self.phrases["scheme"],
                level=self.facts.get("level", ""),
                edition=self.edition,
                count=self._count(len(criteria)),
                title=title,
                until=until,
            )
        )

    def _count(self, criteria: int) -> str:
        """How many criteria are met: of those that apply, where some do not."""
        if not self.facts.get("not_applicable"):
            return str(self.texts["counts"].get(criteria, self.texts["all"]))
        counts = self.texts["counts_applicable"]
        return str(counts.get(criteria, self.texts["all_applicable"]))

    def _cells(self) -> list[dict[str, Any]]:
        values = {
            "edition": f"{self.look.mark} {self.edition}",
            "issued": self._day(self.facts["issued_on"]),
            "valid": self._day(self.facts["valid_until"]),
            "recheck": self._day(self.facts["next_recheck_on"]),
        }
        return [
            {
                "word": self.texts[word],
                "other": self.second.texts[word] if self.second else "",
                "value": value,
                "size": self._fitting(value, "Fraunces-Regular", 36.0, 12),
                "left": left,
            }
            for (word, value), left in zip(
                values.items(), (0, 38.3, 80.9, 123.5), strict=True
            )
        ]

    def _fitting(self, text: str, face: str, width: float, size: float) -> float:
        """The size, at most `size` points, at which a text fits into one line."""
        wide = self.typefaces.width(text, face, size) / MILLIMETRE
        return round(min(size, size * width / wide), 1) if wide else size

    def _foot(self) -> dict[str, Any]:
        sans = measured(self.typefaces, "SourceSans-Regular", 7.5)
        whole = [self.address]
        if sans(self.address) > 41:
            host, _, last = self.address.rpartition("/")
            whole = [f"{host}/", last]
        name = self.facts["signatory"]["name"]
        return {
            "address_lines": whole,
            "development_size": self._fitting(
                " ".join(
                    page.texts["development"] for page in (self, self.second) if page
                ),
                "SourceSans-Semibold",
                150.0,
                7.4,
            ),
            "why_lines": filled(self.texts["verify_why"], sans, 41),
            "signatory_size": self._fitting(name, "Fraunces-LightItalic", 54.0, 15),
        }

    def _annex(self) -> dict[str, Any]:
        return {
            "footer": self.texts["footer"].format(number=self.facts["number"]),
            "annex_intro": self.texts["annex_intro"].format(
                number=self.facts["number"]
            ),
            "rows": self._rows(),
            "issued": self._issued(),
            "rules_digest": self.texts["rules_digest"].format(
                edition=self.facts["edition"]
            ),
            "edition_digest": _grouped(self.facts["edition_digest"]),
            "fingerprint": _grouped(self.facts["fingerprint"]),
        }

    def _rows(self) -> list[dict[str, Any]]:
        """The criteria assessed and, after them, those that do not apply."""
        rows = [self._row(*one) for one in enumerate(self.facts["criteria"])]
        return rows + [
            {
                "dot": "apart",
                "title": one["title"],
                "result": self.texts["not_applicable"],
                "evidence": self.texts["no_evidence"],
            }
            for one in self.facts.get("not_applicable", ())
        ]

    def _row(self, index: int, criterion: Facts) -> dict[str, Any]:
        reserve = criterion["result"] == "met_with_reserve"
        until = criterion.get("reserve_until")
        told = [self.texts["met"]] if criterion["result"] == "met" else []
        if reserve and until:
            told = [self.texts["met_with_reserve"].format(until=self._day(until))]
        elif reserve:
            told = [self.texts["met_with_reserve_open"]]
        if grade := self._grade(criterion):
            told.append(grade)
        result = ", ".join(told)
        return {
            "dot": f"dot dot-{index % len(self.look.petals) + 1}"
            + (" hollow" if reserve else ""),
            "title": criterion["title"],
            "result": result,
            "evidence": self._evidence(criterion["evidence"]),
        }

    def _evidence(self, labels: Iterable[str]) -> str:
        """The kinds of evidence, each once; as many as there is room for."""
        kinds = list(dict.fromkeys(labels))
        most = 1 if self.is_long else EVIDENCE_LINES
        sans = measured(self.typefaces, "SourceSans-Regular", 9)
        for count in range(len(kinds), 0, -1):
            text = "; ".join(kinds[:count])
            if more := len(kinds) - count:
                text += " " + self.texts["more"].format(count=more)
            if count == 1 or len(filled(text, sans, 66.0)) <= most:
                return text
        return str(self.texts["no_evidence"])

    def _issued(self) -> list[tuple[str, str]]:
        facts = {**self.facts, "edition": self.edition}
        days = {day: self._day(facts[day]) for day in ("decided_on", "next_recheck_on")}
        told = [
            (self.texts[word], self.texts[f"{word}_value"].format(**{**facts, **days}))
            for word in ("rules", "assessed", "decided", "surveillance")
        ]
        if level := self.facts.get("level"):
            told.insert(1, (self.texts["level_word"], level))
        if before := self.facts.get("replaces"):
            day = self._day(before["issued_on"])
            value = self.texts["replaces_value"].format(**{**before, "issued_on": day})
            told.append((self.texts["replaces"], value))
        return [*told, (self.texts["issuer"], self.facts["body"]["name"])]

    def _day(self, iso: str) -> str:
        return written_day(iso, self.language)

"""A broken edition is refused with its file, its line and a remedy; the lock holds."""

import shutil
from pathlib import Path

import pytest

from registry.criteria.broken import BrokenEdition
from registry.criteria.lock import read_lock
from registry.criteria.reader import read, read_all
from registry.paths import CRITERIA

# What is replaced, by what, and words the refusal must hold.
MISTAKES = [
    ("{answer: proceedings, is: none}", "{answer: procedings, is: none}",
     ["risposta sconosciuta «procedings»", "forse «proceedings»"]),
    ("{answer: proceedings, is: none}", "{answer: proceedings, is: nessuna}",
     ["opzione sconosciuta «nessuna»"]),
    ("{answer: proceedings, is: none}", "{answer: proceedings, at_least: 1}",
     ["«at_least» non si applica a «proceedings», di tipo choice"]),
    ("{answer: proceedings, is: none}", "{answer: proceedings, equals: none}",
     ["una regola usa una sola di queste parole"]),
    ("{answer: proceedings, is: none}",
     "{answer: proceedings, is: none, one_of: [none, other]}",
     ["una regola usa una sola di queste parole"]),
    ("{answer: albo_registered, is: true}", "{answer: albo_registered, is: yes}",
     ["si scrive true o false"]),
    ("within_months: 6}", "within_months: \"6\"}", ["numero intero"]),
    ("{answer: admitted_share, percent_at_least: 100}",
     "{answer: admitted_share, percent_at_least: 101}", ["100"]),
    ("{answer: admitted_share, percent_at_least: 100}",
     "{answer: workers_total, percent_at_least: 100}", ["share"]),
    ("in_force_from: 2022-11-19", "in_force_from: 2022-02-30",
     ["la data 2022-02-30 non esiste"]),
    ("in_force_from: 2022-11-19", "in_force_from: \"2022-11-19\"", ["una data"]),
    ("edition: \"2022\"", "edition: 2022", ["un testo"]),
    ("edition: \"2022\"", "edition: \"2023\"", ["la cartella deve chiamarsi"]),
    ("scheme: impact", "scheme: impact\nscheme: impact", ["«scheme» è ripetuta"]),
    ("scheme: impact", "scheme: &a impact", ["ancore e alias"]),
    ("scheme: impact", "scheme: [impact", ["YAML non valido"]),
    ("scheme: impact\n", "", ["scheme", "voce mancante"]),
    ("format: 1\n", "format: 2\n", ["valori ammessi"]),
    ("    section: eligibility\n    type: choice\n    label: {it: \"Tipo",
     "    section: eligibilty\n    type: choice\n    label: {it: \"Tipo",
     ["sezione sconosciuta «eligibilty»"]),
    ("evidence: [headcount_statement]", "evidence: [headcount]",
     ["prova sconosciuta «headcount»"]),
    ("type: yes_no\n    label: {it: \"La cooperativa è iscritta",
     "type: boolean\n    label: {it: \"La cooperativa è iscritta",
     ["valori ammessi"]),
    ("severity: major", "severity: grave", ["valori ammessi"]),
    ("gate: true", "gate: true\n    weight: 4", ["voce sconosciuta"]),
    ("id: revision\n", "id: eligibility\n", ["requisito ripetuto"]),
    ("in_period: {column: held_on, ending: financial_year_end, months: 12}",
     "in_period: {column: quorate, ending: financial_year_end, months: 12}",
     ["qui serve il tipo date"]),
    ("in_period: {column: held_on, ending: financial_year_end, months: 12}",
     "in_table: {column: held_on, table: comuni, on: financial_year_end}",
     ["valori ammessi"]),
    ("named_by: held_on", "named_by: day", ["named_by"]),
    ("    rows: contracts\n    sum: workers", "    rows: courses_\n    sum: workers",
     ["non è una risposta di tipo rows"]),
    ("    sum: workers", "    sum: workers\n    count: true",
     ["una risposta derivata usa una sola"]),
    ("asked_if: {answer: first_year, is: true}",
     "asked_if: {answer: constituted_on, within_months: 12}",
     ["risposta sconosciuta «constituted_on»"]),
    ("asked_if: {answer: first_year, is: true}",
     "asked_if: {answer: register_extract_on, within_months: 12}",
     ["non dipende dal giorno"]),
    ("until:\n        - {answer: last_lapse, plus_months: 6}",
     "until:\n        - {answer: scheme, plus_months: 6}",
     ["nome sconosciuto «scheme»"]),
    ("  small_number: 5\n", "", ["small_number", "voce mancante"]),
    ("    ours: true\n    text: {it: \"Scelta del registro: al massimo un requ",
     "    text: {it: \"Scelta del registro: al massimo un requ", ["ours"]),
    ("{it: \"Data di costituzione\", en: \"Date of constitution\"}",
     "{it: \"Data di costituzione\"}", ["en", "voce mancante"]),
    ("{it: \"Data di costituzione\", en: \"Date of constitution\"}",
     "{it: \"\", en: \"Date of constitution\"}", ["il testo è vuoto"]),
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(CRITERIA, tmp_path / "criteria")
    return tmp_path / "criteria"


def _change(root: Path, old: str, new: str) -> Path:
    path = root / "impact" / "2022" / "edition.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES)
def test_a_mistake_is_refused_by_file_line_and_remedy(
    root: Path, old: str, new: str, words: list[str]
) -> None:
    before = (root / "impact/2022/edition.yaml").read_text("utf-8")
    place = before[: before.index(old)].count("\n") + 1
    path = _change(root, old, new)
    with pytest.raises(BrokenEdition) as refusal:
        read(path.parent)
    text = str(refusal.value)
    assert all(word in text for word in words), text
    mistake = refusal.value.mistakes[0]
    assert mistake.path == path
    missing = "manca" in text or "ripetut" in text or "ours" in text
    near = range(place - 6, place + 6)
    assert missing or mistake.line in near, (mistake, place)


def test_a_file_in_another_encoding_is_refused(root: Path) -> None:
    path = root / "impact" / "2022" / "edition.yaml"
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    with pytest.raises(BrokenEdition, match="UTF-8"):
        read_all(root)


def test_a_huge_file_is_refused_without_being_read(root: Path) -> None:
    path = root / "impact" / "2022" / "edition.yaml"
    path.write_bytes(b"# riempitivo\n" * 100_000)
    with pytest.raises(BrokenEdition, match="1 MB"):
        read_all(root)


def test_an_alias_bomb_is_refused(root: Path) -> None:
    path = root / "impact" / "2022" / "edition.yaml"
    lines = ["a0: &a0 [x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)
    ]
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(BrokenEdition, match="ancore e alias"):
        read_all(root)


def test_an_empty_file_is_refused(root: Path) -> None:
    (root / "impact/2022/edition.yaml").write_text("", "utf-8")
    with pytest.raises(BrokenEdition, match="riga 1"):
        read_all(root)


def test_a_missing_contract_table_is_refused(root: Path) -> None:
    (root / "tables" / "ccnl_cnel_2025-12-25.csv").unlink()
    with pytest.raises(BrokenEdition, match="tabella dei contratti"):
        read_all(root)


# --- the lock -----------------------------------------------------------------


def test_what_is_published_is_locked() -> None:
    edition = read_all(CRITERIA)["impact/2022"]
    lock = read_lock(CRITERIA / "criteria.lock")
    assert lock.rules["impact/2022"] == edition.digest
    assert lock.texts["impact/2022"] == edition.text_digest
    table = edition.tables["contracts"]
    assert lock.tables["contracts", table.dated.isoformat()] == table.digest


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("within_months: 24}", "within_months: 25}", "regole o testo ufficiale"),
        ("Esito positivo della", "Buon esito della", "regole o testo ufficiale"),
        ("certificate_months: 36", "certificate_months: 48", "regole o testo"),
        ("Non più vecchia di sei mesi.", "Recente.", "aiuti o traduzioni"),
        ("Positive outcome of", "Good outcome of", "aiuti o traduzioni"),
    ],
)
def test_a_published_edition_cannot_change(
    root: Path, old: str, new: str, words: str
) -> None:
    _change(root, old, new)
    with pytest.raises(BrokenEdition, match=words):
        read_all(root)


def test_layout_and_comments_are_free(root: Path) -> None:
    _change(root, "in_force_from:", "# una nota\n\nin_force_from:")
    assert "impact/2022" in read_all(root)


def test_a_published_edition_cannot_disappear(root: Path) -> None:
    shutil.rmtree(root / "impact")
    with pytest.raises(BrokenEdition, match="manca"):
        read_all(root)


def test_a_published_table_cannot_change(root: Path) -> None:
    path = root / "tables" / "ccnl_cnel_2025-12-25.csv"
    path.write_text(path.read_text("utf-8").replace("T149", "T1X9"), "utf-8")
    with pytest.raises(BrokenEdition, match="tabella contracts"):
        read_all(root)


def test_a_rewritten_lock_is_refused(root: Path) -> None:
    lock = root / "criteria.lock"
    lock.write_text(lock.read_text("utf-8").replace("rules:", "regole:"), "utf-8")
    with pytest.raises(BrokenEdition, match="riga non valida"):
        read_all(root)

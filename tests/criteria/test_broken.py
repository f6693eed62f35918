"""A broken edition is refused with its file, its line and a remedy; the lock holds."""

import shutil
from pathlib import Path

import pytest

from registry.criteria.broken import BrokenEdition
from registry.criteria.lock import read_lock
from registry.criteria.reader import read, read_all
from registry.criteria.tables import ContractTable, read_contracts
from registry.paths import CRITERIA

FILES = sorted((Path(__file__).parent / "broken").glob("[0-9]*.yaml"))
# In impact/2022: what is replaced, by what, and words the refusal must hold.
MISTAKES = [
    ('in_period: {column: held_on, ending: financial_year_end, months: 12}',
     'in_period: {column: quorate, ending: financial_year_end, months: 12}',
     ['qui serve il tipo date']),
    ('in_period: {column: held_on, ending: financial_year_end, months: 12}',
     'in_table: {column: held_on, table: comuni, on: financial_year_end}',
     ['valori ammessi']),
    ('    rows: contracts\n    sum: workers',
     '    rows: courses_\n    sum: workers',
     ['non è una risposta di tipo rows']),
    ('    sum: workers',
     '    sum: workers\n    count: true',
     ['una risposta derivata usa una sola']),
    ('asked_if: {answer: first_year, is: true}',
     'asked_if: {answer: register_extract_on, within_months: 12}',
     ['non dipende dal giorno']),
    ('until:\n        - {answer: last_lapse, plus_months: 6}',
     'until:\n        - {answer: scheme, plus_months: 6}',
     ['nome sconosciuto «scheme»']),
    ('  small_number: 5\n',
     '',
     ['small_number', 'voce mancante']),
    ('    ours: true\n    text: {it: "Scelta del registro: al massimo un requ',
     '    text: {it: "Scelta del registro: al massimo un requ',
     ['ours']),
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


@pytest.fixture(scope="module")
def tables() -> dict[str, ContractTable]:
    return {"contracts": read_contracts(CRITERIA / "tables")}


def _placed(source: Path, folder: Path) -> Path:
    made = folder / "prova" / "2026"
    made.mkdir(parents=True)
    shutil.copy(source, made / "edition.yaml")
    return made


def test_there_are_more_than_forty_broken_files() -> None:
    assert len(FILES) >= 40


def test_the_edition_they_were_made_from_is_sound(
    tmp_path: Path, tables: dict[str, ContractTable]
) -> None:
    folder = _placed(Path(__file__).parent / "broken" / "sana.yaml", tmp_path)
    assert read(folder, tables).key == "prova/2026"


@pytest.mark.parametrize("source", FILES, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_by_file_line_and_remedy(
    source: Path, tmp_path: Path, tables: dict[str, ContractTable]
) -> None:
    """The first line of each file says which line is refused, and some of the words."""
    first = source.read_text("utf-8").splitlines()[0]
    line, words = first.removeprefix("# riga ").split(": ", 1)
    folder = _placed(source, tmp_path)
    with pytest.raises(BrokenEdition) as refusal:
        read(folder, tables)
    found = refusal.value.mistakes
    assert all(one.path == folder / "edition.yaml" for one in found)
    assert any(one.line == int(line) and words in one.text for one in found), found
    # Every remedy is in Italian: none of the library's own words.
    assert not any("should" in one.text or "valid " in one.text for one in found)


def test_a_broken_draft_is_left_out_and_told(root: Path) -> None:
    shutil.copytree(root / "impact" / "2026", root / "impact" / "2028")
    editions = read_all(root)
    assert "impact/2022" in editions
    assert set(editions.drafts) == {"impact/2026", "impresa-solidale/2026"}
    (mistake,) = editions.left_out
    assert mistake.path == root / "impact" / "2028" / "edition.yaml"
    assert "la cartella deve chiamarsi impact/2026" in mistake.text


def test_a_file_of_ten_megabytes_is_left_out(root: Path) -> None:
    path = root / "impact" / "2026" / "edition.yaml"
    path.write_bytes(b"# riempitivo\n" * 800_000)
    (mistake,) = read_all(root).left_out
    assert "1 MB" in mistake.text


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

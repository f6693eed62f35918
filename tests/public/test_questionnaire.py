"""All the questions before applying, on paper and as a workbook."""

import io
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from registry.services import services

EDITION = "/it/criteria/impact/2022/questionnaire"


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_paper_bears_edition_and_digest_and_every_question(
    client: FlaskClient,
) -> None:
    page = client.get(f"{EDITION}.pdf")
    assert page.mimetype == "application/pdf"
    edition = services().editions["impact/2022"]
    pdf = pypdfium2.PdfDocument(page.data)
    text = " ".join(pdf[at].get_textpage().get_text_range() for at in range(len(pdf)))
    told = "".join(text.split())
    pdf.close()
    assert edition.digest in told
    assert "impact/2022" in told
    for answer in edition.answers.values():
        assert "".join(answer.label.it.split()) in told.replace("\xad", "")


@pytest.mark.parametrize("ending", ["pdf", "xlsx"])
def test_the_same_questionnaire_is_the_same_bytes(
    client: FlaskClient, ending: str
) -> None:
    first = client.get(f"{EDITION}.{ending}")
    assert client.get(f"{EDITION}.{ending}").data == first.data
    assert "Set-Cookie" not in first.headers
    english = client.get(f"/en/criteria/impact/2022/questionnaire.{ending}")
    assert english.data != first.data


def test_the_workbook_bears_the_stamp_and_a_sheet_for_each_repeated_answer(
    client: FlaskClient,
) -> None:
    edition = services().editions["impact/2022"]
    found = sheets(client.get(f"{EDITION}.xlsx").data)
    assert list(found)[:2] == ["Istruzioni", "Risposte"]
    stamp = found["Istruzioni"][0]
    assert stamp[1:4] == ["impact/2022", edition.digest, "it"]
    repeated = {rows[0][0] for rows in found.values() if rows[0][0].startswith("rows:")}
    assert repeated == {
        f"rows:{name}" for name, one in edition.answers.items() if one.type == "rows"
    }


def test_a_draft_says_that_it_is_one(client: FlaskClient) -> None:
    data = client.get("/it/criteria/impact/2026/questionnaire.xlsx").data
    assert any("bozza, non in vigore" in row for row in sheets(data)["Istruzioni"])
    assert client.get("/it/criteria/impact/1999/questionnaire.xlsx").status_code == 404

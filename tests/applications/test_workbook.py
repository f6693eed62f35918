"""A draft filled in off line: out as a workbook, back with all answers or with none."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from registry.applications import filled, rules
from registry.applications.models import Application
from registry.applications.workbook import workbook
from registry.criteria.cases import read_cases
from registry.criteria.values import to_json
from registry.db import db
from registry.paths import CRITERIA
from registry.services import services
from tests import factories
from tests.factories import edition, representative


@pytest.fixture
def draft(app: Any) -> Application:
    return factories.draft()


@pytest.fixture
def mine(draft: Application, sign_in: Any) -> FlaskClient:
    return sign_in(representative(draft.organisation))


@pytest.fixture
def page(app: Any) -> Any:
    """Inside a page, so that there is a language."""
    with app.test_request_context("/it/"):
        yield


def worked() -> list[dict[str, Any]]:
    """The answers of every worked example of the edition."""
    return [
        {n: f.declared for n, f in one.case.facts.items() if f.declared is not None}
        for one in read_cases(edition(), CRITERIA / "impact" / "2022")
    ]


def as_kept(values: dict[str, Any]) -> dict[str, Any]:
    answers = edition().answers
    return {name: to_json(answers[name], one) for name, one in values.items()}


def sent(client: FlaskClient, application: Application, content: bytes) -> Any:
    return client.post(
        f"/applications/{application.id}/workbook",
        data={"file": (io.BytesIO(content), "risposte.xlsx")},
    )


def with_text(content: bytes, before: str, after: str) -> bytes:
    """The same workbook with one of its words changed, as somebody typed it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/sharedStrings.xml":
                assert before.encode() in data
                data = data.replace(before.encode(), after.encode())
            new.writestr(name, data)
    return made.getvalue()


def test_what_goes_out_comes_back_the_same(page: Any) -> None:
    for values in worked():
        found = filled.read(workbook(edition(), values, draft=False), edition())
        assert found.mistakes == []
        wanted = {n: v for n, v in as_kept(values).items() if v != []}
        for name, value in wanted.items():
            answer = edition().answers[name]
            if answer.type == "rows":
                # in a row somebody filled in, nothing ticked is “none of these”
                empty = {
                    n: [] for n, c in answer.columns.items()
                    if c.type == "choices" and c.optional
                }  # fmt: skip
                wanted[name] = [{**empty, **row} for row in value]
        assert found.answers == wanted


def test_the_page_gives_the_workbook_and_takes_it_back(
    mine: FlaskClient, draft: Application, page: Any
) -> None:
    assert mine.get(f"/applications/{draft.id}/workbook").status_code == 200
    assert mine.get(f"/applications/{draft.id}/workbook.xlsx").status_code == 200
    values = worked()[0]
    answer = sent(mine, draft, workbook(edition(), values, draft=False))
    assert answer.status_code == 302
    db.session.expire_all()
    given = rules.values(draft, edition())
    assert given["workers_total"] == values["workers_total"]
    assert len(given["assemblies"]) == len(values["assemblies"])


def test_every_wrong_cell_is_told_and_nothing_is_half_taken_over(
    mine: FlaskClient, draft: Application, page: Any
) -> None:
    before = dict(draft.values)
    values = {**worked()[0], "revision_paper_number": "un numero"}
    content = workbook(edition(), values, draft=False)
    content = with_text(content, "sociale di tipo B (inserimento lavorativo)", "boh")
    content = with_text(content, ">T151<", ">151T?<")
    answer = sent(mine, draft, content)
    assert answer.status_code == 422
    assert "Risposte" in answer.text
    assert "C4" in answer.text
    assert "Scegliere una delle" in answer.text
    assert "B4" in answer.text
    db.session.expire_all()
    assert draft.values == before


def test_a_workbook_of_another_edition_is_told_apart(
    mine: FlaskClient, draft: Application, page: Any
) -> None:
    other = services().editions.drafts["impact/2026"]
    answer = sent(mine, draft, workbook(other, {}, draft=True))
    assert answer.status_code == 422
    assert "impact/2026" in answer.text
    content = workbook(edition(), {}, draft=False)
    digest = edition().digest
    answer = sent(mine, draft, with_text(content, digest, digest[::-1]))
    assert answer.status_code == 422
    assert "impronta" in answer.text


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x03\x04" + b"x" * 5000, b"%PDF-1.7", b"a;b\n1;2"],
)
def test_what_is_no_questionnaire_is_refused_in_words(
    mine: FlaskClient, draft: Application, content: bytes
) -> None:
    answer = sent(mine, draft, content)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_bomb_is_stopped_by_the_limits_of_its_process(
    mine: FlaskClient, draft: Application
) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<workbook>" + b" " * 450_000_000)
    assert sent(mine, draft, made.getvalue()).status_code == 422


def test_only_who_speaks_for_the_applicant_sees_it(
    draft: Application, sign_in: Any
) -> None:
    stranger = sign_in(representative(factories.organisation()))
    for path in ("workbook", "workbook.xlsx"):
        there = f"/applications/{draft.id}/{path}"
        assert stranger.get(there).status_code == 404


def test_what_is_sent_off_is_not_changed_by_a_workbook(
    app: Any, sign_in: Any, page: Any
) -> None:
    gone = factories.submitted()
    before = dict(gone.values)
    client = sign_in(representative(gone.organisation))
    shown = client.get(f"/applications/{gone.id}/workbook").text
    assert 'type="file"' not in shown
    other = {**worked()[0], "workers_total": 999}
    answer = sent(client, gone, workbook(edition(), other, draft=False))
    assert answer.status_code in (403, 409, 422)
    db.session.expire_all()
    assert gone.values == before


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
def test_libreoffice_opens_and_saves_it_without_loss(page: Any, tmp_path: Path) -> None:
    values = worked()[0]
    source = tmp_path / "risposte.xlsx"
    source.write_bytes(workbook(edition(), values, draft=False))
    before = filled.read(source.read_bytes(), edition())
    saved = tmp_path / "saved"
    subprocess.run(
        [
            *("soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/me"),
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML"),
            *("--outdir", str(saved), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    after = filled.read((saved / "risposte.xlsx").read_bytes(), edition())
    assert after.mistakes == []
    assert after.answers == before.answers

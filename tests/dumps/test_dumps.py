"""The register as files: whole, described, the same for the same register."""

import csv
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from flask import Flask
from flask.testing import FlaskClient
from frictionless import Package, system

from registry.dumps.jobs import write_nightly
from registry.dumps.tables import TABLES
from registry.organisations.models import Sector
from registry.organisations.operations import describe
from registry.services import services
from tests import factories

NIGHT = "2026-03-02"


@pytest.fixture
def certificate(app: Flask) -> Any:
    return factories.certified()


@pytest.fixture
def folder(app: Flask, certificate: Any) -> Path:
    now = services().clock.now()
    for _ in range(2):
        nobody = factories.draft().organisation  # an applicant is nobody yet
        speaker = factories.representative(nobody)
        describe(nobody, sectors=[Sector.GREEN], by=speaker, at=now)
    factories.db.session.commit()
    assert write_nightly(now) == 1
    return services().settings.data_dir / "dumps" / NIGHT


def _csv(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_files_say_what_the_register_says(folder: Path, certificate: Any) -> None:
    (told,) = _csv(folder, "certificates")
    assert told["number"] == certificate.number
    assert (told["status"], told["holder_id"]) == (
        "valid",
        str(certificate.organisation_id),
    )
    (holder,) = _csv(folder, "holders")
    assert holder["legal_name"] == certificate.organisation.name
    assert holder["vat"] == certificate.organisation.vat
    events = _csv(folder, "events")
    assert [one["kind"] for one in events] == ["issued"]
    assert "impact/2022" in {one["edition"] for one in _csv(folder, "editions")}


def test_an_applicant_is_in_no_file(folder: Path) -> None:
    applicant = factories.db.session.query(factories.Organisation).all()[-1]
    for path in folder.glob("*.csv"):
        assert applicant.name not in path.read_text(encoding="utf-8")


def test_the_three_formats_hold_the_same_rows(folder: Path) -> None:
    for table in TABLES:
        rows = _csv(folder, table.name)
        lines = (folder / f"{table.name}.jsonl").read_text("utf-8").splitlines()
        plain = [json.loads(line) for line in lines]
        columns = pq.read_table(folder / f"{table.name}.parquet")
        assert columns.column_names == [one.name for one in table.columns]
        assert len(rows) == len(plain) == columns.num_rows
        for row, line in zip(rows, plain, strict=True):
            assert row == {k: "" if v is None else str(v) for k, v in line.items()}


def test_frictionless_finds_nothing_wrong(folder: Path) -> None:
    with system.use_context(trusted=True):
        report = Package(folder / "datapackage.json").validate()
        assert report.valid, report.flatten(["type", "note"])
        with (folder / "events.parquet").open("ab") as file:
            file.write(b"x")
        report = Package(folder / "datapackage.json").validate()
        assert not report.valid


def test_the_sums_are_those_of_the_files(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    told = dict(reversed(line.split("  ")) for line in lines)
    names = {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert told.keys() == names
    for name, sha256 in told.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_the_same_register_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(folder)
    write_nightly(services().clock.now())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_night_is_written_once_and_kept(folder: Path, clock: Any) -> None:
    assert write_nightly(clock.now()) == 0
    clock.tick(days=1)
    assert write_nightly(clock.now()) == 1
    nights = sorted(path.name for path in folder.parent.iterdir())
    assert nights == [NIGHT, "2026-03-03"]


def test_catalogues_find_every_file_in_the_entry(folder: Path) -> None:
    entry = json.loads((folder / "dcat-ap-it.jsonld").read_text("utf-8"))
    assert entry["@type"] == ["dcatapit:Catalog", "dcat:Catalog"]
    found = {
        one["dcat:downloadURL"]["@id"].rsplit("/", 1)[1]: one
        for dataset in entry["dcat:dataset"]
        for one in dataset["dcat:distribution"]
    }
    assert len(found) == 3 * len(TABLES)
    for name, one in found.items():
        content = (folder / name).read_bytes()
        assert one["dcat:byteSize"] == len(content)
        assert (
            one["spdx:checksum"]["spdx:checksumValue"]
            == hashlib.sha256(content).hexdigest()
        )
    for dataset in entry["dcat:dataset"]:
        assert dataset["dct:accrualPeriodicity"]["@id"].endswith("/frequency/DAILY")
        assert {one["@language"] for one in dataset["dct:title"]} == {"it", "en"}


def test_no_column_is_about_a_person() -> None:
    names = {one.name for table in TABLES for one in table.columns}
    assert not names & {"by_id", "email", "person", "user_id", "address", "phone"}


def test_the_page_lists_the_files_with_their_sums(
    client: FlaskClient, folder: Path
) -> None:
    page = client.get("/dumps/").text
    sums = (folder / "SHA256SUMS").read_text()
    for ending in ("csv", "jsonl", "parquet"):
        name = f"certificates.{ending}"
        sha256 = next(line[:64] for line in sums.splitlines() if line.endswith(name))
        assert f"/dumps/{NIGHT}/{name}" in page
        assert sha256 in page


def test_before_the_first_night_the_page_says_so(client: FlaskClient) -> None:
    assert "Ancora nessun file" in client.get("/dumps/").text


def test_a_file_comes_with_its_sum_as_validator(
    client: FlaskClient, folder: Path
) -> None:
    address = f"/dumps/{NIGHT}/events.csv"
    with client.get(address) as answer:
        assert answer.data == (folder / "events.csv").read_bytes()
        etag = answer.headers["ETag"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    with client.get(address, headers={"If-None-Match": etag}) as again:
        assert again.status_code == 304
    latest = client.get("/dumps/latest/events.csv")
    assert latest.headers["Location"] == address


@pytest.mark.parametrize(
    "name", ["../registry.sqlite", "..%2fregistry.sqlite", "x.csv", ".", "%00"]
)
def test_nothing_else_of_the_folder_is_given_away(
    client: FlaskClient, folder: Path, name: str
) -> None:
    assert client.get(f"/dumps/{NIGHT}/{name}").status_code == 404
    assert client.get(f"/dumps/../{name}").status_code == 404

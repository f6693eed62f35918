"""Every paper is archivable and accessible: veraPDF says so of each, in one JVM."""

import io
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.certificates.proof import lint
from registry.certificates.rendering import render
from registry.paper import Paper
from registry.seal import Lasting, Level, PadesSeal, load_seal
from registry.seal.first import ROOM, FirstRevision
from registry.seal.hands import KeyInMemory
from tests import factories
from tests.certificates.authority import Authority, authority
from tests.certificates.names import NAMES
from tests.certificates.papers import facts
from tests.suppliers import companies

SignIn = Callable[[Any], FlaskClient]
HOUSE = Path(__file__).parents[2]
VERAPDF = HOUSE / ".cache" / "verapdf"
STANDARDS = "3a,ua1"
NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("authority")) as at_work:
        yield at_work


def complaints(files: list[Path]) -> list[str]:
    """What veraPDF finds wrong: a line for each file and standard that fails."""
    subprocess.run([HOUSE / "bin" / "verapdf"], check=True, capture_output=True)
    told = subprocess.run(
        [
            *("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-cp", f"{VERAPDF}/*:{VERAPDF}", "VeraCheck", STANDARDS),
            *map(str, files),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert len(told) == len(files) * 2
    return [line for line in told if not line.startswith("PASS\t")]


@pytest.fixture
def papers_of_a_buyer(app: Flask, client: FlaskClient, sign_in: SignIn) -> list[bytes]:
    """A receipt of one check in both languages, that of a list, and its report."""
    holder = factories.certified().organisation
    buyer = sign_in(companies.buyer(companies.company()))
    rows = companies.csv([["P.IVA"], [str(holder.vat)], ["12345678901"], [""], ["x"]])
    file = {"file": (io.BytesIO(rows), "f.csv"), "threshold": "85", "on": ""}
    there = buyer.post("/suppliers", data=file).location
    asked = {"vat": holder.vat, "format": "pdf"}
    return [
        *(
            client.post(f"/receipts?lang={one}", data=asked).data
            for one in ("it", "en")
        ),
        *(buyer.get(f"{there}/{name}.pdf").data for name in ("receipt", "report")),
    ]


def test_papers_of_every_name_language_and_seal_pass_both_standards(
    paper: Paper,
    seal: PadesSeal,
    ca: Authority,
    papers_of_a_buyer: list[bytes],
    tmp_path: Path,
) -> None:
    assert len(NAMES) >= 60
    made = []
    for count, name in enumerate(NAMES):
        told = facts(
            name,
            ("it", "en", "it+en")[count % 3],
            reserve=count % 4 == 1,
            graded=count % 5 == 2,
        )
        pdf = render(told, paper)
        lint(pdf, told)
        # The seal adds the same parts to all; a few of them will do.
        made.append(seal.seal(pdf) if count % 8 == 0 else pdf)
    assert isinstance(seal.hand, KeyInMemory)
    room = render(facts(), paper, room=ROOM)
    made.append(FirstRevision(seal.hand).seal(room, NOON))
    unsealed = render(facts(), paper)
    for level in Level:
        how = Lasting(level, ca.stamps, (ca.certificate("root"),))
        own = load_seal(ca.key_file("seal"), ca.chain_file("seal"), None, how)
        made.append(own.seal(unsealed))
    made += papers_of_a_buyer  # one start of Java for all
    files = []
    for count, pdf in enumerate(made):
        files.append(tmp_path / f"{count}.pdf")
        files[-1].write_bytes(pdf)
    assert complaints(files) == []


def test_a_broken_paper_is_complained_about(paper: Paper, tmp_path: Path) -> None:
    """Else a check that sees nothing would look like one that passes."""
    with pikepdf.open(io.BytesIO(render(facts(), paper))) as document:
        del document.Root["/StructTreeRoot"]
        document.save(tmp_path / "broken.pdf")
    told = complaints([tmp_path / "broken.pdf"])
    assert [line.split("\t")[:2] for line in told] == [["FAIL", "3a"], ["FAIL", "ua1"]]

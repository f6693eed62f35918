"""The files of each night, to take away; no session, open to every origin."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from registry.accounts.access import open_to_everyone
from registry.dumps.describing import LICENCE, MEDIA
from registry.dumps.nights import FOLDER
from registry.dumps.tables import TABLES
from registry.errors import N_, NotFound
from registry.services import services
from registry.web.headers import open_to_origins

blueprint = Blueprint("dumps", __name__, url_prefix="/dumps")
LATEST = "latest"
SUMS = "SHA256SUMS"
OTHERS = {
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    "": "text/plain; charset=utf-8",
}
KINDS = {
    **{f".{ending}": f"{media}; charset=utf-8" for ending, media in MEDIA.items()},
    ".parquet": MEDIA["parquet"],
    **OTHERS,
}


@dataclass(frozen=True)
class File:
    """A file of a night, with its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


@blueprint.get("/")
@open_to_everyone
def index() -> ResponseReturnValue:
    """What there is, how large, with which fingerprints, and on which nights."""
    nights = _nights()
    newest = nights[0] if nights else None
    return render_template(
        "dumps/index.html",
        nights=[date.fromisoformat(night.name) for night in nights],
        files={one.name: one for one in _files(newest)} if newest else {},
        tables=TABLES,
        licence=LICENCE,
    )


@blueprint.get("/<night>/<name>")
@open_to_everyone
def file(night: str, name: str) -> ResponseReturnValue:
    """One file, piece by piece; `latest` leads to the newest night."""
    nights = {one.name: one for one in _nights()}
    if night == LATEST and nights:
        newest = url_for("dumps.file", night=max(nights), name=name)
        response = redirect(newest)
        response.headers["Cache-Control"] = "no-cache"
        return response
    folder = nights.get(night)
    known = {one.name: one for one in _files(folder)} if folder else {}
    if folder is None or name not in known:
        raise NotFound(N_("There is no such file."))
    return _sent(folder / name, known[name].sha256)


blueprint.after_request(open_to_origins)


def _sent(path: Path, sha256: str) -> Response:
    """A file never changes once its night is over: its fingerprint is its validator."""
    response = send_file(
        path.absolute(),
        mimetype=KINDS[path.suffix],
        etag=sha256,
        max_age=86400,
        as_attachment=path.suffix in {".csv", ".jsonl", ".parquet"},
    )
    response.cache_control.public = True
    return response


def _nights() -> list[Path]:
    """The folders of all nights, newest first."""
    home = services().settings.data_dir / FOLDER
    if not home.is_dir():
        return []
    return sorted((one for one in home.iterdir() if one.name[0] != "."), reverse=True)


def _files(folder: Path) -> Iterator[File]:
    sums = folder / SUMS
    for line in sums.read_text().splitlines():
        sha256, name = line.split("  ", 1)
        yield File(name, (folder / name).stat().st_size, sha256)
    own = sums.stat()
    yield File(SUMS, own.st_size, f"{own.st_size}-{own.st_mtime_ns}")

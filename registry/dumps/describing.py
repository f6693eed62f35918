"""What stands beside the tables: dictionary, licence, sums, and for catalogues."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from registry.criteria.questions import Text
from registry.dumps.tables import TABLES, Table
from registry.dumps.writing import FORMATS, plain, sha256

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
TITLE = Text(
    it="Il registro Impact, in file aperti", en="The Impact register, as open files"
)
ABOUT = Text(
    it="Titolari, certificati, eventi, edizioni dei criteri ed elenchi pubblicati: "
    "solo fatti già pubblici sulle pagine del registro, nessun dato di persone.",
    en="Holders, certificates, events, editions of the criteria and published lists: "
    "only facts that are public on the pages of the register, no data of persons.",
)
MEDIA = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
#: Formats as the catalogue of Europe names them.
FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type/"
EUROPEAN = {"csv": "CSV", "jsonl": "JSON", "parquet": "PARQUET"}
AUTHORITY = "http://publications.europa.eu/resource/authority"
KINDS = {"datetime": "datetime", "date": "date"}


@dataclass(frozen=True)
class Dump:
    """One day's files: where they lie, who publishes them, how far they reach."""

    folder: Path
    on: date
    recorded_through: datetime | None
    body: str
    base_url: str
    contact: str
    counts: dict[str, int]

    @property
    def address(self) -> str:
        return f"{self.base_url}/dumps/{self.on.isoformat()}"


def describe(dump: Dump) -> None:
    """Write everything that is not a table; the sums come last."""
    texts = {
        "README.md": _readme(dump),
        "LICENCE.txt": _licence(dump),
        "datapackage.json": _json(_package(dump)),
        "dcat-ap-it.jsonld": _json(_catalogue(dump)),
    }
    for name, text in texts.items():
        (dump.folder / name).write_text(text, encoding="utf-8")
    files = sorted(path for path in dump.folder.iterdir() if path.is_file())
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in files)
    (dump.folder / "SHA256SUMS").write_text(sums)


def _readme(dump: Dump) -> str:
    lines = [f"# {TITLE.it} / {TITLE.en}", "", ABOUT.it, "", ABOUT.en, ""]
    lines += [f"Giorno / day: {dump.on.isoformat()}. {_reach(dump)}", ""]
    for table in TABLES:
        lines += [
            f"## {table.name}: {table.title.it} / {table.title.en}",
            "",
            f"Righe / rows: {dump.counts[table.name]}",
            "",
            "| colonna / column | tipo / kind | significato | meaning |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {one.name} | {one.kind} | {one.means.it} | {one.means.en} |"
            for one in table.columns
        ]
        lines.append("")
    return "\n".join(lines)


def _licence(dump: Dump) -> str:
    cited = f"{dump.body}, {TITLE.it}, {dump.on.isoformat()}, {dump.base_url}/dumps/"
    return (
        f"Creative Commons Attribuzione 4.0 Internazionale (CC BY 4.0)\n{LICENCE}\n\n"
        "Scelta del registro: chiunque può usare questi dati, anche per scopi "
        f"commerciali, citando la fonte:\n{cited}\n\n"
        "I dati di listings vengono dalle fonti nominate in ogni riga.\n\n"
        "Creative Commons Attribution 4.0 International (CC BY 4.0). The register’s "
        "own choice: anyone may use these data, for trade as well, naming the source "
        "as above. The data of listings come from the sources named in each row.\n"
    )


def _reach(dump: Dump) -> str:
    if dump.recorded_through is None:
        return "Nessun evento / no event."
    return f"Eventi fino a / events through: {plain(dump.recorded_through)}."


def _package(dump: Dump) -> dict[str, Any]:
    """As Data Package (frictionlessdata.io), version 1."""
    return {
        "profile": "data-package",
        "name": "impact-register",
        "title": TITLE.en,
        "description": ABOUT.en,
        "homepage": f"{dump.base_url}/dumps/",
        "version": dump.on.isoformat(),
        **_created(dump),
        "licenses": [{"name": "CC-BY-4.0", "path": LICENCE}],
        "sources": [{"title": dump.body, "path": dump.base_url}],
        "resources": [
            _resource(table, ending, dump) for table in TABLES for ending in FORMATS
        ],
    }


def _created(dump: Dump) -> dict[str, str]:
    through = dump.recorded_through
    return {"created": str(plain(through))} if through else {}


def _resource(table: Table, ending: str, dump: Dump) -> dict[str, Any]:
    path = dump.folder / f"{table.name}.{ending}"
    told = {
        "name": table.name if ending == "csv" else f"{table.name}-{ending}",
        "title": table.title.en,
        "path": path.name,
        "format": ending,
        "mediatype": MEDIA[ending],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
    }
    if ending != "csv":
        return {**told, "type": "file"}  # the same rows: only its sum is looked at
    fields = [
        {
            "name": one.name,
            "type": one.kind,
            "description": one.means.en,
            **({"format": "%Y-%m-%dT%H:%M:%SZ"} if one.kind == "datetime" else {}),
            "constraints": {"required": one.required},
        }
        for one in table.columns
    ]
    return {
        **told,
        "type": "table",
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": {"fields": fields, "primaryKey": table.key},
    }


def _catalogue(dump: Dump) -> dict[str, Any]:
    """As DCAT-AP_IT 1.0 has it (AgID), in JSON-LD."""
    publisher = {
        "@id": f"{dump.base_url}/#body",
        "@type": ["dcatapit:Agent", "foaf:Agent"],
        "dct:identifier": dump.base_url.split("//", 1)[1],
        "foaf:name": dump.body,
    }
    modified = {"@type": "xsd:date", "@value": dump.on.isoformat()}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dcatapit": "http://dati.gov.it/onto/dcatapit#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "vcard": "http://www.w3.org/2006/vcard/ns#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{dump.base_url}/dumps/",
        "@type": ["dcatapit:Catalog", "dcat:Catalog"],
        "dct:title": _both(TITLE),
        "dct:description": _both(ABOUT),
        "dct:publisher": publisher,
        "dct:modified": modified,
        "dct:language": {"@id": f"{AUTHORITY}/language/ITA"},
        "foaf:homepage": {"@id": f"{dump.base_url}/dumps/"},
        "dcat:dataset": [
            _dataset(table, dump, publisher, modified) for table in TABLES
        ],
    }


def _dataset(
    table: Table, dump: Dump, publisher: dict[str, Any], modified: dict[str, str]
) -> dict[str, Any]:
    return {
        "@id": f"{dump.base_url}/dumps/#{table.name}",
        "@type": ["dcatapit:Dataset", "dcat:Dataset"],
        "dct:identifier": f"impact-register-{table.name}",
        "dct:title": _both(table.title),
        "dct:description": _both(ABOUT),
        "dct:modified": modified,
        "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}/frequency/DAILY"},
        "dcat:theme": {"@id": f"{AUTHORITY}/data-theme/ECON"},
        "dct:publisher": {"@id": publisher["@id"]},
        "dct:rightsHolder": {"@id": publisher["@id"]},
        "dcat:contactPoint": {
            "@type": ["dcatapit:Organization", "vcard:Organization"],
            "vcard:fn": dump.body,
            "vcard:hasEmail": {"@id": f"mailto:{dump.contact}"},
        },
        "dcat:distribution": [_distribution(table, kind, dump) for kind in FORMATS],
    }


def _distribution(table: Table, ending: str, dump: Dump) -> dict[str, Any]:
    path = dump.folder / f"{table.name}.{ending}"
    address = {"@id": f"{dump.address}/{path.name}"}
    return {
        "@id": address["@id"],
        "@type": ["dcatapit:Distribution", "dcat:Distribution"],
        "dct:title": _both(table.title),
        "dct:format": {"@id": f"{FILE_TYPES}{EUROPEAN[ending]}"},
        "dcat:mediaType": MEDIA[ending],
        "dcat:accessURL": {"@id": f"{dump.base_url}/dumps/"},
        "dcat:downloadURL": address,
        "dcat:byteSize": path.stat().st_size,
        "dct:license": {
            "@id": LICENCE,
            "@type": ["dcatapit:LicenseDocument", "dct:LicenseDocument"],
            "foaf:name": "CC BY 4.0",
        },
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": sha256(path),
        },
    }


def _both(text: Text) -> list[dict[str, str]]:
    return [
        {"@language": "it", "@value": text.it},
        {"@language": "en", "@value": text.en},
    ]


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"

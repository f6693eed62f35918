"""What a certificate costs: CPU milliseconds and memory, side by side in one run.

    python -m benchmarks.certificate [rounds]

Ours is compared with a bare WeasyPrint document, with our own page as plain PDF, with
Chromium's print of the same page and, where it is installed, with typst.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from weasyprint import HTML

from benchmarks.peak import NOON, hand
from registry.certificates.layouts import layout, look
from registry.certificates.rendering import _Page, render
from registry.garbage import looked_for_once
from registry.paper import AssetFetcher, Paper
from registry.seal import PadesSeal
from registry.seal.first import ROOM, FirstRevision
from registry.seal.hands import KeyInMemory
from registry.typefaces import prepare
from tests.certificates.papers import facts

CACHE = Path(__file__).parent.parent / ".cache" / "typefaces"
NAMES = ("Oasi", "Il Melograno", "Cooperativa sociale L’Orto di Sant’Anna", "La Siepe")
MINIMAL, PLAIN, OURS = "WeasyPrint, minimal document", "our page, plain", "ours"
TYPST, CHROMIUM = "typst, a-3a + ua-1", "Chromium, started for it"
Work = Callable[[int], bytes]


def told(count: int) -> dict[str, Any]:
    """The facts of the certificate of that count; no two are alike."""
    number = f"IMP-2026-{count:06}-38"
    address = f"https://registro.example/c/{number}"
    return facts(
        NAMES[count % 4], reserve=count % 3 == 0, number=number, address=address
    )


def page_of(count: int, paper: Paper) -> tuple[str, str, _Page]:
    """HTML and style sheet of a certificate, as they are given to the printer."""
    one = told(count)
    design, colours = layout(one["layout"]), look(one["scheme"])
    page = _Page(one, design, colours, paper.typefaces)
    return design.template.render(page.words()), f"{design.css}\n{colours.css}", page


def works(paper: Paper) -> dict[str, Work]:
    """Each way of making a certificate, from its count to its bytes."""
    curve = hand(ec.generate_private_key(ec.SECP256R1()))
    large = hand(rsa.generate_private_key(65537, 3072))
    seals = {"EC": curve, "RSA-3072": large}

    def plain(count: int) -> bytes:
        html, css, _ = page_of(count, paper)
        with looked_for_once():  # as ours is: the comparison is about the PDF
            return bytes(paper._laid_out(html, css, AssetFetcher({})).write_pdf())

    def later(held: KeyInMemory) -> Work:
        seal = PadesSeal(held)
        return lambda count: seal.seal(render(told(count), paper))

    def first(held: KeyInMemory) -> Work:
        seal = FirstRevision(held)
        return lambda count: seal.seal(render(told(count), paper, room=ROOM), NOON)

    def whole(count: int) -> bytes:
        from registry.certificates.proof import lint  # large: not for the peak below

        one, seal = told(count), PadesSeal(curve)
        pdf = render(one, paper)
        lint(pdf, one)
        sealed = seal.seal(pdf)
        seal.validate(sealed)
        return sealed

    made: dict[str, Work] = {
        MINIMAL: lambda count: bytes(HTML(string=f"<p>{count}</p>").write_pdf()),
        PLAIN: plain,
        OURS: lambda count: render(told(count), paper),
    }
    for name, held in seals.items():
        made[f"ours, sealed by pyHanko ({name})"] = later(held)
        made[f"ours, sealed in the first revision ({name})"] = first(held)
    made["ours, as issued: proof read, sealed, validated"] = whole
    if typst := _typst(paper):
        made[TYPST] = typst
    return made


def _typst(paper: Paper) -> Work | None:
    """typst with the same words and drawings, where it is installed."""
    try:
        import typst
    except ImportError:
        return None
    source = (Path(__file__).parent / "certificate.typ").read_bytes()
    folder = tempfile.mkdtemp()
    for name, data in paper.typefaces.ttf.items():
        (Path(folder) / f"{name}.ttf").write_bytes(data)
    fonts = typst.Fonts(font_paths=[folder], include_system_fonts=False)

    def work(count: int) -> bytes:
        page = page_of(count, paper)[2]
        words = page.words()
        drawn = {key: str(words[key]) for key in ("mark", "flower", "emblem", "qr")}
        given = {
            **drawn,
            "title": words["title"],
            "alt": page._told(),
            "body": "Registro Impact",
            "number": page.facts["number"],
            "name": page.facts["organisation"]["name"],
            "identity": " · ".join(words["body"]["identity"]),
            "sentence": " ".join(words["body"]["sentence"]),
            "signatory": page.facts["signatory"]["name"],
            "rows": [[r["title"], r["result"], r["evidence"]] for r in words["rows"]],
            "issued": words["issued"],
            "fingerprint": page.facts["fingerprint"],
        }
        return bytes(
            typst.compile(
                source,
                format="pdf",
                font_paths=fonts,
                ignore_system_fonts=True,
                pdf_standards=["a-3a", "ua-1"],
                timestamp=NOON,
                sys_inputs={"facts": json.dumps(given)},
            )
        )

    return work


def chromium(paper: Paper, rounds: int) -> float | None:
    """CPU milliseconds of Chromium for one print, its start included."""
    program = shutil.which("chromium")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for face, data in paper.typefaces.ttf.items():
            (folder / f"{face}.ttf").write_bytes(data)
        html, css, _ = page_of(1, paper)
        faces = paper.typefaces.css.replace("asset:fonts/", "")
        (folder / "page.html").write_text(
            html.replace("</head>", f"<style>{faces}\n{css}</style></head>")
        )
        return median(_printed(program, folder, "page.html") for _ in range(rounds))


def _printed(program: str, folder: Path, page: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            *(program, "--headless", "--no-sandbox", "--disable-gpu"),
            *("--disable-dev-shm-usage", "--no-first-run", "--no-pdf-header-footer"),
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--print-to-pdf={folder / 'out.pdf'}",
            f"--user-data-dir={folder / 'profile'}",
            (folder / page).as_uri(),
        ],
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used * 1000


def measure(rounds: int) -> dict[str, float]:
    """The median CPU milliseconds of each work, taken in turns."""
    paper = Paper(prepare(CACHE))
    everything = works(paper)
    spent: dict[str, list[float]] = {name: [] for name in everything}
    for count in range(rounds + 2):
        names = list(everything)
        # In another order each time: garbage is collected at somebody's cost.
        for name in names[count % len(names) :] + names[: count % len(names)]:
            work = everything[name]
            begun = time.process_time()
            work(count)
            if count > 1:  # the first two fill the caches
                spent[name].append((time.process_time() - begun) * 1000)
    result = {name: median(times) for name, times in spent.items()}
    printed = chromium(paper, 3)
    return result | ({CHROMIUM: printed} if printed else {})


def peak(rounds: int) -> int:
    """Megabytes at most of a process that made and sealed so many certificates."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peak", str(CACHE)],
        input="\n".join(json.dumps(told(count)) for count in range(rounds)),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    return int(done.stdout)


def main(rounds: int) -> None:
    """Print the table and how the targets are met."""
    spent = measure(rounds)
    base, minimal = spent[PLAIN], spent[MINIMAL]
    print(f"{'CPU per certificate':48} {'ms':>7} {'/plain':>7} {'/minimal':>9}")
    for name, ms in spent.items():
        print(f"{name:48} {ms:7.1f} {ms / base:7.2f} {ms / minimal:9.1f}")
    for way, most, times in (
        ("ours, sealed by pyHanko", 1.25, 20),
        ("ours, sealed in the first revision", 1.05, 16),
    ):
        for key in ("EC", "RSA-3072"):
            ms = spent[f"{way} ({key})"]
            met = ms <= most * base and ms <= times * minimal
            print(f"{'met' if met else 'NOT MET'}: {way} ({key}): {most} and {times}")
    memory = peak(20)
    print(f"{'met' if memory < 110 else 'NOT MET'}: peak memory {memory} MB (110)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)

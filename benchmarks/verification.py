"""How fast the register answers, beside a bare Flask hello and Datasette, in one run.

    python -m benchmarks.verification [--holders 1000,100000,1000000]
        [--databases sqlite,postgresql] [--seconds 8] [--home FOLDER] [--source FILE]

`wrk` asks with 16 connections one granian process. Requests per second are told as a
share of the hello's, measured before and after each line on the same server; beside it
the share by CPU (/proc), which holds better where others take part of the machine: that
of the granian process, without PostgreSQL's own. Our threads keep to one core, as those
of `bin/run` do; what the hello gains by that is told once.
"""

import argparse
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from benchmarks.bulk import bulk
from benchmarks.worlds import World, worlds

CONNECTIONS = 16
#: Stands in a command for the port that is free when it runs.
PORT = "{port}"
TICK = os.sysconf("SC_CLK_TCK")
#: Addresses asked again and again: those of the cache are few, the others many.
FEW, MANY = 300, 4000
SCRIPT = """
local asked, at = {{}}, 0
init = function()
  for line in io.lines("{file}") do asked[#asked + 1] = wrk.format("GET", line) end
end
request = function()
  at = at % #asked + 1
  return asked[at]
end
done = function(summary, latency, requests)
  io.write(string.format("TOLD %d %d %d %f %f\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.timeout, latency:percentile(50),
    latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Figures:
    """Requests a second, milliseconds, CPU microseconds a request, megabytes."""

    rate: float
    p50: float
    p99: float
    cpu: float
    memory: float
    errors: int

    def and_then(self, other: "Figures") -> "Figures":
        """Those of two runs of the same length."""
        halves = zip(astuple(self), astuple(other), strict=True)
        return Figures(*((one + two) / 2 for one, two in halves))


@dataclass(frozen=True)
class Server:
    port: int
    pid: int


@contextmanager
def served(command: list[str], environment: dict[str, str]) -> Iterator[Server]:
    """A server in a process group of its own, once it listens."""
    port = _free_port()
    process = subprocess.Popen(
        [word.replace(PORT, str(port)) for word in command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for _ in range(600):
            if _listens(port):
                break
            if process.poll() is not None:
                raise SystemExit(f"it did not start: {' '.join(command)}")
            time.sleep(0.1)
        yield Server(port, process.pid)
    finally:
        os.killpg(process.pid, 15)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def granian(what: str, environment: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """One granian process serving what `benchmarks.served` calls so."""
    program = shutil.which("granian") or str(Path(sys.executable).with_name("granian"))
    return [
        *(program, "--interface", "wsgi", "--workers", "1", "--no-ws"),
        *("--blocking-threads", "4", "--backpressure", "24"),
        *("--log-level", "error", "--factory"),
        *("--host", "127.0.0.1", "--port", PORT, f"benchmarks.served:{what}"),
    ], {**environment, "PYTHONPATH": str(Path.cwd())}


def load(server: Server, paths: Sequence[str], seconds: int) -> Figures:
    """What `wrk` finds when it asks for the paths in turn."""
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder, "paths"), Path(folder, "ask.lua")
        file.write_text("\n".join(paths))
        script.write_text(SCRIPT.format(file=file))
        before = _cpu(server.pid)
        told = subprocess.run(
            [
                *(
                    "wrk",
                    "-t1",
                    f"-c{CONNECTIONS}",
                    f"-d{seconds}s",
                    "--timeout",
                    "20s",
                ),
                *("-s", str(script), f"http://127.0.0.1:{server.port}"),
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    used = _cpu(server.pid) - before
    line = re.search(r"TOLD (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)", told)
    assert line, told
    requests, duration, errors = (int(line[one]) for one in (1, 2, 3))
    return Figures(
        requests / (duration / 1e6),
        float(line[4]) / 1000,
        float(line[5]) / 1000,
        used / max(1, requests) * 1e6,
        _memory(server.pid),
        errors,
    )


def warm(server: Server, paths: list[str]) -> None:
    """Ask for each path once."""
    for path in paths:
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}").close()


def _group(leader: int) -> Iterator[Path]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            yield stat.parent


def _cpu(leader: int) -> float:
    """Seconds of CPU that a process group has used."""
    total = 0
    for process in _group(leader):
        fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def _memory(leader: int) -> float:
    """Megabytes that the processes of a group hold for themselves."""
    total = 0
    for process in _group(leader):
        rollup = (process / "smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
    return total / 1024


@dataclass(frozen=True)
class Sample:
    """Some holders of a register, to ask about."""

    rows: list[tuple[int, str, str, str]]

    @classmethod
    def of(cls, size: int) -> "Sample":
        """The same for each database: the rows are invented by their number."""
        from datetime import date

        from registry.certificates.numbers import Number  # noqa: F401
        from registry.demo.bulk import invented

        chosen = random.Random(1).sample(range(size), min(size, MANY))  # noqa: S311
        found = []
        for number in chosen:
            facts = invented(number, date(2026, 3, 2)).facts
            found.append((number + 1, str(facts["vat"]), str(facts["name"]), ""))
        return cls(found)

    def paths(self, shape: str, most: int) -> list[str]:
        """Addresses of a shape: {id}, {vat}, {name}, {words}."""
        made = []
        for id_, vat, name, _ in self.rows[:most]:
            first, second, number, *_ = name.split()
            words = f"{first} {second} {number}" if id_ % 2 else second
            made.append(
                shape.format(id=id_, vat=vat, name=quote(name), words=quote(words))
            )
        return made


class Beside(NamedTuple):
    """A server, and another measured just before and just after."""

    ours: Figures
    other: Figures

    @classmethod
    def of(
        cls,
        other: Server,
        server: Server,
        paths: list[str],
        seconds: int,
        others: Sequence[str] = ("/",),
    ) -> "Beside":
        """Ours between two halves of the other, as machines are now fast, now slow."""
        half = max(1, seconds // 2)
        before = load(other, others, half)
        ours = load(server, paths, seconds)
        return cls(ours, before.and_then(load(other, others, half)))


VERIFY, JSON = "/it/verify?q={vat}", "/api/v1/verify?vat={vat}"
HOLDER, SEARCH = "/it/register/{id}", "/it/register?q={words}"
SHOWN = {
    "verify page": VERIFY,
    "verify JSON": JSON,
    "holder page": HOLDER,
    "search": SEARCH,
}
#: The least each must be of the hello, from the cache and without it.
FROM_CACHE = 2.5
WITHOUT = {"verify page": 0.45, "verify JSON": 0.45, "search": 0.2}


def tell(what: str, figures: Figures, hello: Figures, asked: float | None) -> None:
    """One line of the table."""
    share = figures.rate / hello.rate
    goal = (
        "" if asked is None else f"≥ {asked:g} {'ok' if share >= asked else 'NOT MET'}"
    )
    wrong = f"  {figures.errors} errors" if figures.errors else ""
    by_cpu = hello.cpu / figures.cpu
    print(
        f"{what:32} {figures.rate:7.0f}/s {share:6.2f} by cpu {by_cpu:5.2f}"
        f"  p50 {figures.p50:6.1f} p99 {figures.p99:6.1f} ms  {figures.cpu:6.0f} µs"
        f"  {figures.memory:5.0f} MB  {goal}{wrong}",
        flush=True,
    )


def pages(world: World, seconds: int) -> None:
    """Our pages on one register, from the cache and without."""
    sample = Sample.of(world.size)
    print(f"\n{world.database}, {world.size:,} holders", flush=True)
    with served(*granian("hello", world.environment)) as peer:
        hello = load(peer, ["/"], seconds)
        tell("bare Flask hello", hello, hello, None)
        with served(*granian("kept_hello", world.environment)) as ours:
            tell("the same, kept to one core", load(ours, ["/"], seconds), hello, None)
        with served(*granian("kept", world.environment)) as server:
            for name, shape in SHOWN.items():
                paths = sample.paths(shape, FEW)
                warm(server, paths)
                goal = FROM_CACHE if name.startswith("verify") else None
                beside = Beside.of(peer, server, paths, seconds)
                tell(f"{name}, from the cache", *beside, goal)
        with served(*granian("uncached", world.environment)) as server:
            for name, shape in SHOWN.items():
                paths = sample.paths(shape, MANY)
                warm(server, paths[:20])
                load(server, paths[:FEW], 1)
                beside = Beside.of(peer, server, paths, seconds)
                on_sqlite = world.database == "SQLite" or name != "search"
                tell(name, *beside, WITHOUT.get(name) if on_sqlite else None)


def growth(small: World, large: World, seconds: int) -> None:
    """How much dearer a request is in a large register; both are asked in turn."""
    print(f"\n{small.database}, from {small.size:,} to {large.size:,} holders")
    with (
        served(*granian("uncached", small.environment)) as one,
        served(*granian("uncached", large.environment)) as other,
    ):
        for name, shape in SHOWN.items():
            few, many = (Sample.of(it.size).paths(shape, MANY) for it in (small, large))
            for server, paths in ((one, few), (other, many)):
                warm(server, paths[:20])
                load(server, paths[:FEW], 1)
            beside = Beside.of(one, other, many, seconds, few)
            ratio = beside.ours.cpu / beside.other.cpu
            goal = "ok" if ratio <= 1.3 else "NOT MET"
            print(f"{name:32} {ratio:.2f} times the CPU  ≤ 1.3 {goal}", flush=True)


def datasette(world: World, seconds: int, home: Path, ours: dict[str, Figures]) -> None:
    """Datasette serving the same rows, in an environment of its own."""
    program = home / "datasette" / "bin" / "datasette"
    if not program.exists():
        venv.create(home / "datasette", with_pip=True)
        done = subprocess.run(
            [program.with_name("pip"), "install", "-q", "datasette"], check=False
        )
        if done.returncode:
            print("Datasette cannot be installed here: not compared")
            return
    sample = Sample.of(world.size)
    command = [
        *(str(program), "serve", "--immutable", str(world.folder / "registry.sqlite")),
        *("--host", "127.0.0.1", "--port", PORT),
        *("--setting", "sql_time_limit_ms", "20000"),
    ]
    with served(command, dict(os.environ)) as server:
        for name, shape, mine, times in (
            ("Datasette, page of a row", "/registry/organisations/{id}", VERIFY, 20),
            ("Datasette, JSON of a row", "/registry/organisations/{id}.json", JSON, 10),
        ):
            paths = sample.paths(shape, MANY)
            load(server, paths[:20], 1)
            theirs = load(server, paths, seconds)
            our = ours["verify page" if mine == VERIFY else "verify JSON"]
            tell(name, theirs, our, None)
            ratio = our.rate / theirs.rate
            goal = "ok" if ratio >= times else "NOT MET"
            print(f"{'':6}ours, cached: {ratio:.1f} times that  ≥ {times} {goal}")


def cached(world: World, seconds: int) -> dict[str, Figures]:
    """Our answers from the cache, just before Datasette's."""
    sample = Sample.of(world.size)
    with served(*granian("kept", world.environment)) as server:
        found = {}
        for name, shape in (("verify page", VERIFY), ("verify JSON", JSON)):
            paths = sample.paths(shape, FEW)
            warm(server, paths)
            found[name] = load(server, paths, seconds)
        return found


def main() -> None:
    """Everything, in one run."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    ask.add_argument("--holders", default="1000,100000,1000000")
    ask.add_argument("--databases", default="sqlite,postgresql")
    ask.add_argument("--seconds", type=int, default=8)
    ask.add_argument("--home", type=Path, default=Path(".cache/benchmarks"))
    ask.add_argument("--source", type=Path)
    ask.add_argument("--only", default="pages,growth,datasette,bulk")
    told = ask.parse_args()
    sizes = [int(one) for one in told.holders.split(",")]
    home, parts = told.home.absolute(), told.only.split(",")
    home.mkdir(parents=True, exist_ok=True)
    with worlds(told.databases.split(","), sizes, home, told.source) as made:
        for world in made if "pages" in parts else ():
            pages(world, told.seconds)
        for database in dict.fromkeys(world.database for world in made):
            its = [world for world in made if world.database == database]
            small, large = (of(its, key=lambda one: one.size) for of in (min, max))
            if "growth" in parts and small.size < large.size:
                growth(small, large, told.seconds)
        for world in made:
            if "datasette" in parts and world.database == "SQLite":
                print(f"\nDatasette beside it, {world.size:,} holders")
                datasette(world, told.seconds, home, cached(world, told.seconds))
        for world in made:
            if "bulk" in parts and world.size >= 100_000:
                bulk(world)


if __name__ == "__main__":
    main()

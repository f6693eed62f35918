"""The memory of a process that prints and seals certificates, and does nothing else.

Their facts come as lines of JSON; what made them up is not counted. For
`benchmarks.certificate`.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.certificates.rendering import render
from registry.paper import Paper
from registry.seal import PadesSeal
from registry.seal.hands import KeyInMemory
from registry.typefaces import prepare

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


def hand(key: Any) -> KeyInMemory:
    """A key with a certificate of its own."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Benchmark")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOON - timedelta(days=4000))
        .not_valid_after(NOON + timedelta(days=4000))
        .add_extension(x509.KeyUsage(*[True] * 2, *[False] * 7), critical=True)
        .sign(key, hashes.SHA256())
    )
    return KeyInMemory(key, certificate)


def main(cache: Path) -> None:
    """Print and seal what comes in; say how many megabytes it took at most."""
    paper = Paper(prepare(cache))
    seal = PadesSeal(hand(ec.generate_private_key(ec.SECP256R1())))
    for line in sys.stdin:
        seal.seal(render(json.loads(line), paper))
    # ru_maxrss would count the parent's memory, from which this process was forked.
    status = Path("/proc/self/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    print(int(line.split()[1]) // 1024)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

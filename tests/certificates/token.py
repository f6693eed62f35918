"""A token for keys, made of software (softhsm2)."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pkcs11
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives import serialization
from pkcs11.util import ec as token_ec
from pkcs11.util.x509 import decode_x509_certificate

from tests.certificates.authority import Authority

DRIVER = Path("/usr/lib/softhsm/libsofthsm2.so")
TOKEN, LABEL, PIN = "registro", "sigillo", "4711"


@contextmanager
def token(folder: Path, ca: Authority, name: str) -> Iterator[Path]:
    """The driver of a token that holds the key and certificate of that name."""
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    subprocess.run(
        [
            *("softhsm2-util", "--init-token", "--free"),
            *(f"--label={TOKEN}", f"--pin={PIN}", f"--so-pin={PIN}"),
        ],
        check=True,
        capture_output=True,
    )
    _fill(ca, name)
    try:
        yield DRIVER
    finally:
        os.environ.pop("SOFTHSM2_CONF")
        if before:
            os.environ["SOFTHSM2_CONF"] = before


def _fill(ca: Authority, name: str) -> None:
    key = ca.key_file(name).read_bytes()
    private = serialization.load_pem_private_key(key, None)
    plain = private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificate = ca.certificate(name).public_bytes(serialization.Encoding.DER)
    held = asn1_keys.PrivateKeyInfo.load(plain)
    inner = held["private_key"].parsed
    inner["parameters"] = held["private_key_algorithm"]["parameters"]
    driver = pkcs11.lib(str(DRIVER))
    driver.reinitialize()
    with driver.get_token(token_label=TOKEN).open(rw=True, user_pin=PIN) as session:
        session.create_object(
            {
                **token_ec.decode_ec_private_key(inner.dump()),
                pkcs11.Attribute.LABEL: LABEL,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.SIGN: True,
            }
        )
        session.create_object(
            {
                **decode_x509_certificate(certificate),
                pkcs11.Attribute.LABEL: LABEL,
                pkcs11.Attribute.TOKEN: True,
            }
        )

"""Where the data folders are: in the checkout, or inside the installed package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    beside = PACKAGE.parent / name
    in_checkout = (PACKAGE.parent / "pyproject.toml").exists() and beside.is_dir()
    return beside if in_checkout else PACKAGE / "_data" / name


TEMPLATES = _folder("templates")
CRITERIA = _folder("criteria")
CERTIFICATES = _folder("certificates")
MIGRATIONS = PACKAGE / "migrations"
TRANSLATIONS = PACKAGE / "translations"

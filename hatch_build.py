"""What a wheel carries beside the package: data folders and compiled translations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("templates", "criteria", "certificates")


class Wheel(BuildHookInterface):
    """Compiles the translations and, outside a checkout, packs the data folders."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before the files are gathered; `version` is "editable" in a checkout."""
        root = Path(self.root)
        compile_translations(root)
        if version == "editable":
            return  # a copy would go stale; registry.paths reads the checkout's own
        for name in DATA:
            if (root / name).is_dir():
                build_data["force_include"][name] = f"registry/_data/{name}"


def compile_translations(root: Path) -> None:
    """Write the catalogues beside their sources; of our needs only babel is here."""
    sys.path.insert(0, str(root))
    try:
        from registry.paths import TRANSLATIONS
        from registry.translations import compile_all
    finally:
        sys.path.remove(str(root))
    compile_all(TRANSLATIONS)

"""What a wheel carries beside the package: data folders and compiled translations."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("templates", "criteria", "certificates")


class Wheel(BuildHookInterface):
    """Compiles the translations and, outside a checkout, packs the data folders."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before the files are gathered; `version` is "editable" in a checkout."""
        root = Path(self.root)
        compile_translations(root / "registry" / "translations" / "__init__.py")
        if version == "editable":
            return  # a copy would go stale; registry.paths reads the checkout's own
        for name in DATA:
            if (root / name).is_dir():
                build_data["force_include"][name] = f"registry/_data/{name}"


def compile_translations(module: Path) -> None:
    """Load the module from its file: importing `registry` would need all of Flask."""
    spec = importlib.util.spec_from_file_location("translations_to_compile", module)
    if not module.exists() or spec is None or spec.loader is None:
        return
    translations = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(translations)
    translations.compile_all()

"""A wheel built from the checkout runs outside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
#: Upgrade a database and ask for the home page in both languages.
STORY = """
from registry import create_app
from registry.db import db
from registry.migrations import upgrade
from registry.paths import CERTIFICATES, CRITERIA, PACKAGE, TEMPLATES
app = create_app()
with app.app_context():
    upgrade(db.engine)
    for lang in ("it", "en"):
        page = app.test_client().get(f"/{lang}/")
        assert page.status_code == 200, page.status
        assert f'lang="{lang}"' in page.text
    db.engine.dispose()
for folder in (CERTIFICATES, CRITERIA, TEMPLATES):
    assert folder.is_relative_to(PACKAGE), folder
print(PACKAGE)
"""


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_wheel_runs_outside_the_checkout(tmp_path: Path) -> None:
    build = ("hatchling", "build", "-t", "wheel", "-d", tmp_path)
    run(sys.executable, "-m", *build, cwd=ROOT)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        strange = [name for name in wheel.namelist() if "test" in name.split("/")[0]]
        assert not strange, f"Tests stay at home (ASVS 15.2.3): {strange}"
        wheel.extractall(tmp_path / "installed")
    italian = list((tmp_path / "installed").glob("registry/translations/it/**/*.mo"))
    assert italian, "compile_all() in hatch_build.py made no catalogue"
    said = run(
        sys.executable,
        "-c",
        STORY,
        cwd=tmp_path,
        PYTHONPATH=str(tmp_path / "installed"),
        REGISTRY_ENVIRONMENT="demo",
        REGISTRY_DATA_DIR=str(tmp_path / "var"),
    )
    assert said.split()[-1] == str(tmp_path / "installed" / "registry")

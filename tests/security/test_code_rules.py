"""What our own code never does; the message says what to do instead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.paths import PACKAGE, TEMPLATES

ROOT = PACKAGE.parent
SOURCES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if "versions" not in str(path)
]
PAGES = sorted(TEMPLATES.rglob("*.html"))
PAPER = ("receipt_paper", "mail/")

#: Calls nobody makes, and what is used in their place.
NEVER = {
    "eval": "criteria have a grammar of their own (criteria/conditions.py)",
    "exec": "write it in code",
    "compile": "criteria have a grammar of their own",
    "os.system": "subprocess.run with a list",
    "os.popen": "subprocess.run with a list",
    "pickle.load": "JSON",
    "pickle.loads": "JSON",
    "marshal.loads": "JSON",
    "shelve.open": "the database",
    "yaml.unsafe_load": "ruamel.yaml, safe or round trip",
    "hashlib.md5": "sha256",
    "hashlib.sha1": "sha256",
    "uuid.uuid1": "uuid4",
    "render_template_string": "a file in templates/",
    "flask.render_template_string": "a file in templates/",
    "tempfile.mktemp": "tempfile.mkdtemp",
    "print": "logging; the command line has click.echo",
}
#: Modules nobody imports, and why.
STRANGE = {
    "pickle": "received data must not become code",
    "shelve": "the same",
    "marshal": "the same",
    "random": "use secrets; invented worlds count instead",
    "xml": "no XML is read; workbooks go through calamine in a child process",
    "yaml": "ruamel.yaml, safe or round trip",
    "telnetlib": "nothing leaves in the clear",
    "ldap": "not part of this house (ASVS 1.2.6)",
    "jwt": "tokens are random and looked up, or signed by itsdangerous",
    "graphql": "not part of this house (ASVS 4.3)",
}
#: Where it is right all the same: what only writes, what a template of ours wrote, and
#: what a limited child reads after it refused every declaration.
HARMLESS = {
    ("paper.py", "xml.etree"),
    ("suppliers/sheets/ods.py", "xml.sax.saxutils"),
    ("suppliers/sheets/xlsx.py", "xml.sax.saxutils"),
    ("suppliers/sheets/xlsx.py", "xml.etree"),
}
#: Where text is declared to be markup, and why that is right.
MARKUP = {
    "certificates/flower.py": "our own drawing; its title is escaped",
    "certificates/qr.py": "our own drawing of a number",
    "certificates/rendering.py": "our own drawing; lines are escaped one by one",
    "demo/evidence.py": "invented papers, filled through format, which escapes",
    "mail/writing.py": "escaped block by block",
    "certificates/badge.py": "our own drawing; its words are filled through format",
    "public/holders.py": "JSON, in which no tag can begin",
    "public/rows.py": "every word is escaped, one by one",
    "public/history.py": "whole words of ours; the text goes through format",
    "public/identity.py": "filled through format, which escapes",
}
STARTS = {"subprocess.run", "subprocess.Popen"}
#: Where hostile files are read in a child process, with limits; and workers of ours.
CHILDREN = {
    "applications/filled.py",
    "files/checking.py",
    "certificates/many.py",
    "certificates/verification.py",
    "organisations/reading.py",
    "suppliers/reading.py",
}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def place(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '')}"


def test_nothing_dangerous_is_called() -> None:
    wrong = [
        f"{place(path, call)} {name}: use {NEVER[name]}"
        for path in SOURCES
        for name, call in calls(path)
        if name in NEVER and not (name == "print" and path.name == "cli.py")
    ]
    assert not wrong, wrong


def test_no_shell_reads_what_we_start() -> None:
    wrong = [
        place(path, call)
        for path in SOURCES
        for name, call in calls(path)
        if any(word.arg == "shell" for word in call.keywords)
        or (
            name.startswith("subprocess.")
            and name not in STARTS
            and not name.endswith("Error")
        )
    ]
    assert not wrong, f"Give subprocess.run a list of arguments: {wrong}"
    started = {
        str(path.relative_to(PACKAGE))
        for path in SOURCES
        for name, _ in calls(path)
        if name in STARTS
    }
    assert started <= CHILDREN, f"Say here why this starts a program: {started}"


def test_nothing_strange_is_imported() -> None:
    wrong = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            wrong += [
                f"{place(path, node)} {name}: {STRANGE[name.partition('.')[0]]}"
                for name in names
                if name.partition(".")[0] in STRANGE
                and (str(path.relative_to(PACKAGE)), name) not in HARMLESS
            ]
    assert not wrong, wrong


def test_text_becomes_markup_only_where_it_is_known_to_be_ours() -> None:
    used = {
        str(path.relative_to(PACKAGE))
        for path in SOURCES
        for name, _ in calls(path)
        if name.rpartition(".")[2] == "Markup"
    }
    assert used <= MARKUP.keys(), f"Let the template escape it: {used - MARKUP.keys()}"


def test_templates_never_switch_escaping_off() -> None:
    wrong = [
        place(path)
        for path in TEMPLATES.rglob("*")
        if path.is_file()
        and re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text())
    ]
    assert not wrong, f"Let the template escape it: {wrong}"


def test_sql_is_never_put_together_from_text() -> None:
    fixed = {"registry/doctor.py", "registry/db.py"}  # names of pragmas, ours
    wrong = [
        place(path, call)
        for path in SOURCES
        for name, call in calls(path)
        if name.rpartition(".")[2] in ("text", "execute", "exec_driver_sql")
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
        and str(path.relative_to(ROOT)) not in fixed
    ]
    assert not wrong, f"Bind parameters: {wrong}"


def test_pages_carry_no_style_and_no_script_of_their_own() -> None:
    """The policy of headers.py would refuse them anyway, in front of the reader."""
    inside = re.compile(
        r"<style|<script(?![^>]*\bsrc=| type=\"application/ld\+json\")"
        r"|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:"
    )
    wrong = [
        f"{place(path)} {found[0]}"
        for path in PAGES
        if not any(part in str(path.relative_to(TEMPLATES)) for part in PAPER)
        for found in [inside.search(path.read_text())]
        if found
    ]
    assert not wrong, f"Use a class, or registry.js: {wrong}"


def test_pages_ask_nothing_of_other_sites() -> None:
    """No picture, style or script from elsewhere; no plug-ins (ASVS 3.6.1, 3.7.1)."""
    outside = re.compile(r"(?:src|data)=[\"']https?:|<(?:object|applet|embed|iframe)\b")
    wrong = [place(path) for path in PAGES if outside.search(path.read_text())]
    assert not wrong, wrong


def test_our_script_writes_text_only() -> None:
    """ASVS 3.2.2, 3.5.5, 14.3.3."""
    script = (PACKAGE / "static" / "registry.js").read_text()
    banned = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\("
    )
    kept = (
        r"localStorage|sessionStorage|indexedDB|postMessage|addEventListener\(.message"
    )
    assert not re.search(f"{banned}|{kept}", script)


def test_passwords_may_be_pasted_and_are_hidden() -> None:
    """ASVS 6.2.6, 6.2.7."""
    forms = (PACKAGE / "accounts" / "forms.py").read_text()
    assert "PasswordField" in forms
    for path in (*(TEMPLATES / "security").glob("*.html"), *TEMPLATES.glob("_*.html")):
        assert "onpaste" not in path.read_text()
    assert not re.search(r"autocomplete[\"']?\s*[:=]\s*[\"']off", forms)


#: What a stranger may not know: a comparison that stops early would tell it.
SECRET = re.compile(r"password|secret|token|signature|pin$|_key$")
#: Compared by the database through an index, hashed before: nothing to time.
ALLOWED = {
    "accounts/queries.py": {"SignIn.token_sha256"},
    "accounts/security.py": {"sign_in.token_sha256"},
    "organisations/operations.py": {"facts.name_key"},
    "organisations/queries.py": {"Listing.name_key"},
    "settings.py": {"self.secret_key"},
    "suppliers/queries.py": {"SupplierList.idempotency_key", "SignUp.token_sha256"},
}


def test_secrets_are_compared_in_constant_time() -> None:
    """ASVS 11.2.4."""
    wrong = [
        f"{place(path, node)} {ast.unparse(node)}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        and SECRET.search(ast.unparse(node.left))
        and not isinstance(node.left, ast.Call)
        and not isinstance(node.comparators[0], ast.Constant)
        and ast.unparse(node.left)
        not in ALLOWED.get(str(path.relative_to(PACKAGE)), set())
    ]
    assert not wrong, f"Use hmac.compare_digest: {wrong}"


def test_no_secret_stands_in_the_code() -> None:
    """ASVS 13.3.1: what is here works for the demonstration only."""
    telling = re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{30}"
        r"|xox[bp]-|(?:password|secret|token)\s*=\s*[\"'][A-Za-z0-9+/]{20,}"
    )
    folders = (PACKAGE, TEMPLATES, ROOT / "bin", ROOT / "criteria")
    wrong = [
        place(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in (".py", ".html", ".txt", ".yaml", ".sh", ".js", ".toml", "")
        and path.is_file()
        and telling.search(path.read_text(errors="ignore"))
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("verb", ["login_user"])
def test_the_ways_in_are_these(verb: str) -> None:
    """ASVS 6.1.3, 6.3.4: the library's pages, and the bar of the demonstration."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in SOURCES
        for name, _ in calls(path)
        if name == verb
    }
    assert found == {"accounts/security.py"}

"""Every template is used by something, and everything used exists."""

import ast
import re
from pathlib import Path

from registry.paths import PACKAGE, TEMPLATES

#: How the languages of one letter or one long text are told apart.
LANGUAGE = re.compile(r"\.(it|en)(?=\.\w+$)")
NAMES = re.compile(r"""{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""")


def strings() -> tuple[set[str], list[re.Pattern[str]]]:
    """All texts in the code, and a pattern for each text with places to fill."""
    texts, patterns = set(), []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr) and _fixed(node).strip("/. "):
                patterns.append(_pattern(node))
    return texts, patterns


def _fixed(node: ast.JoinedStr) -> str:
    return "".join(p.value for p in node.values if isinstance(p, ast.Constant))


def _pattern(node: ast.JoinedStr) -> re.Pattern[str]:
    parts = (
        re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w.-]+"
        for part in node.values
    )
    return re.compile("".join(parts))


def templates() -> dict[str, str]:
    """Each file of templates/ by its name there, with its text."""
    return {
        str(path.relative_to(TEMPLATES)): path.read_text()
        for path in sorted(TEMPLATES.rglob("*"))
        if path.suffix in {".html", ".txt", ".svg", ".xml"}
    }


def called(name: str) -> set[str]:
    """The names by which code may ask for a template."""
    plain = LANGUAGE.sub("", name)
    names = {name, plain, str(Path(plain).with_suffix(""))}
    return names | {asked.removeprefix("mail/") for asked in names}


def test_every_template_is_used() -> None:
    texts, patterns = strings()
    for text in templates().values():
        texts.update(NAMES.findall(text))
    unused = [
        name
        for name in templates()
        if not called(name) & texts
        and not name.startswith("security/")  # Flask-Security asks for these
        and not any(p.fullmatch(asked) for p in patterns for asked in called(name))
    ]
    assert not unused, f"Delete these, or render them: {unused}"


def test_every_template_asked_for_exists() -> None:
    existing = templates()
    asked = {text for text in strings()[0] if re.fullmatch(r"[\w/]+\.html", text)}
    for text in existing.values():
        asked.update(NAMES.findall(text))
    in_mail = {name.removeprefix("mail/") for name in existing}
    known = existing.keys() | in_mail | _of_flask_security()
    missing = sorted(asked - known - _on_paper())
    assert not missing, f"Write these in templates/: {missing}"


def _of_flask_security() -> set[str]:
    import flask_security

    folder = Path(flask_security.__file__).parent / "templates"
    return {str(path.relative_to(folder)) for path in folder.rglob("*.html")}


def _on_paper() -> set[str]:
    """Layouts of the certificate, which registry.certificates reads."""
    from registry.paths import CERTIFICATES

    return {path.name for path in CERTIFICATES.rglob("*.html")}


def test_every_letter_is_in_both_languages() -> None:
    letters = {name for name in templates() if name.startswith("mail/")}
    alone = [
        name
        for name in letters
        if (found := LANGUAGE.search(name))
        and LANGUAGE.sub(".en" if found[1] == "it" else ".it", name) not in letters
    ]
    assert not alone, f"Write the other language of: {alone}"

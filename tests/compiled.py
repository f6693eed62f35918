"""
What is compiled once for all tests of a process.

Each test makes an application with an engine of its own, and all have the same few
hundred addresses, templates and statements. Editions are read again and again.
"""

from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from registry.criteria import cases, reader
from registry.db import db


class Templates(BytecodeCache):
    """Templates by their name and source."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what an earlier test compiled."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next test."""
        self._compiled[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = Templates()
STATEMENTS: Any = LRUCache(5000)
MOST_EDITIONS = 40


def share(app: Flask) -> None:
    """Give an application what others have compiled."""
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=STATEMENTS)


def prepare() -> None:
    """Let the libraries remember across applications."""
    _remember_addresses()
    _remember_editions()
    # A statement is compiled for a dialect, and engines of one kind speak the same.
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = (  # type: ignore[method-assign]
        lambda self, other: type(self) is type(other)
    )


def _remember_addresses() -> None:
    compiled: dict[Any, Any] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Any, append_unknown: bool = True) -> Any:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]


def _remember_editions() -> None:
    """A tree is only read, so that the same text may always be the same tree."""
    trees: dict[bytes, Any] = {}
    parse = reader.parse

    def remembered(path: Path) -> Any:
        text = path.read_bytes() if path.is_file() else b""
        if text in trees:
            return trees[text]
        tree = parse(path)
        if len(trees) < MOST_EDITIONS:
            trees[text] = tree
        return tree

    reader.parse = cases.parse = remembered

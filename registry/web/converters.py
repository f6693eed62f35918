"""Numbers in addresses, bounded by what a database key can hold."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map


class IdConverter(IntegerConverter):
    """1 to 2³¹−1: anything else in an address is simply not there (404)."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=1, max=2**31 - 1)

    # Eleven digits and more never reach int(): a long number costs time to read.
    regex = r"[1-9]\d{0,9}"


def init_app(app: Flask) -> None:
    """Let addresses say `<id:name>`."""
    app.url_map.converters["id"] = IdConverter

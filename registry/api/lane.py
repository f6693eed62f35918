"""
The plain question “is this one certified today?”, answered before Flask is asked.

Only where the answer is 200: whatever is wrong with a question, or with the database,
Flask meets and tells.  The answer is that of `/api/v1/verify`, byte for byte.
"""

from urllib.parse import parse_qsl

from flask import Flask
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict

from registry.criteria.schemes import published
from registry.db import db
from registry.errors import RegistryError
from registry.verification import verdicts
from registry.verification.bare import Bare
from registry.verification.questions import question
from registry.web.cache import Lane

PATH = "/api/v1/verify"


def verify_lane(app: Flask) -> Lane:
    """From a query to the bytes of its answer and their validator; None: ask Flask."""
    doors = app.extensions["registry"]
    with app.app_context():
        bare = Bare(db.engine)
        faults = (db.engine.dialect.loaded_dbapi.Error, DBAPIError, RegistryError)
    editions, base = doors.editions, doors.settings.base_url
    schemes = published(editions)

    def answer(query: str) -> tuple[bytes, str] | None:
        at = doors.clock.now()
        given = MultiDict(parse_qsl(query, keep_blank_values=True))
        try:
            told = bare.answer(question(given, at, schemes), at, editions, base)
        except faults:
            return None
        body = to_json(told)
        return body, f'W/"{verdicts.tag(body)}"'

    return answer

"""
The plain question “is this one certified today?”, answered before Flask is asked.

Only where the answer is 200: whatever is wrong with a question, or with the database,
Flask meets and tells.  The answer is that of `/api/v1/verify`, byte for byte.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import cast
from urllib.parse import parse_qsl

from flask import Flask
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict

from registry.clock import civil_day
from registry.criteria.schemes import published
from registry.db import db
from registry.errors import RegistryError
from registry.verification import verdicts
from registry.verification.bare import Bare
from registry.verification.questions import By, Question, identifier, question
from registry.web.cache import Lane

PATH = "/api/v1/verify"
#: As nearly everybody asks: one number, without a letter that an address would mask.
SIMPLE = re.compile("(vat|tax_code|albo|rea|certificate)=([A-Za-z0-9-]+)")


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
        try:
            told = bare.answer(_read(query, at, schemes), at, editions, base)
        except faults:
            return None
        body = to_json(told)
        return body, f'W/"{verdicts.tag(body)}"'

    return answer


def _read(query: str, at: datetime, schemes: Collection[str]) -> Question:
    if found := SIMPLE.fullmatch(query):
        by = cast(By, found[1])
        return Question(by, identifier(by, found[2]), civil_day(at))
    given = MultiDict(parse_qsl(query, keep_blank_values=True))
    return question(given, at, schemes)

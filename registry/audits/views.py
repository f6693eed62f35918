"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("audits", __name__)

"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("applications", __name__)

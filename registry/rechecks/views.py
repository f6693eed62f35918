"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("rechecks", __name__)

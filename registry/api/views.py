"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)

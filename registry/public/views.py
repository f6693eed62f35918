"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)

"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("decisions", __name__)

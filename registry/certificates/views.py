"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("certificates", __name__)

"""Pages of the room (being written)."""

from flask import Blueprint

blueprint = Blueprint("mail", __name__)

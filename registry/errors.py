"""
Everything the registry can refuse to do.

    RegistryError
    ├── NotFound       nothing there, or not yours to see
    ├── Forbidden      you may see it, but not do this
    ├── Conflict       right request, wrong moment
    ├── Invalid        the request itself is incomplete or wrong
    └── Unavailable    a door to the outside is closed; try again later

A room subclasses one of the five beside the operation that raises it.  No class
here knows about HTTP or languages: `registry.web.errors` maps the five to status
codes and says the sentence in the reader's language.
"""

import re
from typing import Any


def N_(text: str) -> str:  # noqa: N802 - the gettext world's own name
    """Mark a sentence for translation; it is translated where it is shown."""
    return text


class RegistryError(Exception):
    """Base of the five: an English sentence with %(named)s places and their words."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.params = params

    @property
    def code(self) -> str:
        """The stable name of this refusal, for programs: `wrong_state`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message


class NotFound(RegistryError): ...


class Forbidden(RegistryError): ...


class Conflict(RegistryError): ...


class Invalid(RegistryError): ...


class Unavailable(RegistryError): ...

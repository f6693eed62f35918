"""A public registry of certified cooperatives."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from registry.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """`create_app` on demand: one small module can be imported without all the rest."""
    if name != "create_app":
        raise AttributeError(name)
    from registry.app import create_app

    return create_app

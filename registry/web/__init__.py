"""What every page shares: errors, forms, filters, headers. No business."""

from flask import Flask

from registry.web import (
    converters,
    errors,
    filters,
    headers,
    language,
    navigation,
    origin,
    rendering,
    views,
)


def init_app(app: Flask) -> None:
    """Give `app` the shared parts of every page."""
    for part in (
        *(converters, language, navigation, filters),
        *(rendering, headers, origin, errors),
    ):
        part.init_app(app)
    app.register_blueprint(views.blueprint)

"""The one button of a letter."""

from registry.web.forms import Form


class ResendForm(Form):
    """Send it again: nothing but its token."""

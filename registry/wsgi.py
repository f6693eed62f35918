"""What a WSGI server serves: `granian --interface wsgi registry.wsgi:app`."""

from registry.app import create_app

app = create_app()

"""People, their roles, signing in, and who may open which page."""

"""What waits for you, and the dossier: every page that tells a story across rooms."""

"""What waits for you, and the dossier: pages that tell a story across rooms."""

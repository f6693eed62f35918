"""Every file given to us or made by us, by its content (SHA-256)."""

"""A company hands in its own list and gets it back with an answer on every row."""

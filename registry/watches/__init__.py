"""A company is told when the standing of one of its suppliers changes."""

"""A signed proof of what was asked, what was answered, and when."""

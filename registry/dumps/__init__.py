"""The public register as files anyone may take away."""

"""The register anyone may read."""

"""The register anyone may read: who is certified, on which criteria, until when."""

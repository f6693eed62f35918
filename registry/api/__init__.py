"""The register for programs: one question, one answer, and its promised shape."""

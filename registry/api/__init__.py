"""The verification service for programs (RFC 9457 errors, OpenAPI 3.1)."""

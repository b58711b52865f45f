"""Read-only questions across rooms. Owns no tables."""

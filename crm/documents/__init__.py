"""Files that belong to a record: kept by random key, never in the database."""

"""The outbox: what waits, what was given up, what went."""

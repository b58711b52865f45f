"""Who did what to what, when, before and after. Append-only."""

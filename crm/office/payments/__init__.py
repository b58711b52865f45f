"""Money that came in: the list, its recording, and reading it from the bank."""

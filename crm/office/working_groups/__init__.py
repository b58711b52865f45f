"""Pages of working groups: the list, and each with its members, letters, files, deliverables."""

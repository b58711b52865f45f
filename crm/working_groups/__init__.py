"""Working groups: their charter, who joins, their letters, files and deliverables."""

"""Pages of factories and major partnerships: facilities, contributions, workspaces."""

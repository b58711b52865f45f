"""Benefits: what memberships give year by year, what was used, and entering that it was."""

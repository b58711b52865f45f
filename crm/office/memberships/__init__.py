"""The list of memberships, one term's whole story, and its acts."""

"""What companies use of what their memberships give, and what is left of it."""

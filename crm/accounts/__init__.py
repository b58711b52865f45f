"""Users, roles, policy: who may do what."""

"""The time line of a company: what happened with it, for a viewer."""

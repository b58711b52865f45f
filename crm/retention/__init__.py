"""Keeping members: renewal plans and notices, the first ninety days, goals, reviews."""

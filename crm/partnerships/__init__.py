"""Factories: the facilities, the companies' part in them, and what they contribute in kind."""

"""Persons, their addresses, their consent; the programme's public directory."""

"""Accounts of the office."""

"""Tiers, terms and their status."""

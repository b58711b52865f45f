"""Ballots of every body: drafted, opened, voted in, counted."""

"""Renewals: the board of terms that end, one term's plan, and the rates."""

"""Passwords: chosen by a link, forgotten, changed."""

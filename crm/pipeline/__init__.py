"""Inquiries, triage, and opportunities on their way to won or lost."""

"""Invoices and billing requests: the list, the page of each, and what is done with it."""

"""How quick and how large the program is, beside the barest pages that could do the same work."""

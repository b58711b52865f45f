"""Companies, their domains, and the people affiliated with them."""

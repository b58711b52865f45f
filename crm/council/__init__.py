"""Bodies, their seats, and who holds them."""

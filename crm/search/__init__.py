"""One index of folded text over everything that can be found."""

"""Commands around the program: starting it, checking it."""

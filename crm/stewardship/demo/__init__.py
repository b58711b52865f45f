"""The demo: an alliance three years in, told as it would have happened."""

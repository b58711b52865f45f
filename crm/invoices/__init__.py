"""What members owe and when."""

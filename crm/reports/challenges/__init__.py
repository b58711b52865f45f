"""The challenge map: who and what works on each grand challenge, and who is to meet whom."""

"""The programme itself: what its one file says, and the words it gives to choose from."""

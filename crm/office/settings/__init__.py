"""The programme as its file describes it, to read."""

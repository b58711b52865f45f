"""Whether the register holds, as a page."""

"""Pages of projects, of calls for them, and of whoever takes part."""

"""Projects: research, teaching and work with students, from a call to what came of it."""

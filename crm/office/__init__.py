"""The faces for director, staff, faculty, reader and administrator."""

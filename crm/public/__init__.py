"""The faces for strangers."""

"""What strangers read of projects."""

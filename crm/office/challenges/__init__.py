"""Pages of the challenge map: what each challenge has and lacks, and whom to introduce to whom."""

"""Parameters: their sections, ranges and secrets."""

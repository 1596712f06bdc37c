"""Draft an environment of conf/ from a look at a table."""

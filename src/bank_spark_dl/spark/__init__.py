"""The Spark session and what belongs to it."""

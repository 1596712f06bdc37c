"""Compare new rows with the train rows."""

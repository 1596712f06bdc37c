"""Score rows with a trained network."""

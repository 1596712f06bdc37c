"""Turn raw columns into the inputs of a network."""

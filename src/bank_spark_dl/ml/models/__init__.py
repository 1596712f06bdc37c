"""Build and train the network and its baselines."""

"""Python worker processes, and Keras in them."""

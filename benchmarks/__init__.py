"""What the project says about speed, measured: `python -m benchmarks`."""

"""Kedro pipelines: each is a package of pipeline.py (the nodes) and nodes.py (pure functions)."""

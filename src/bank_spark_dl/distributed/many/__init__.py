"""Many trainings side by side: folds, seeds, settings."""

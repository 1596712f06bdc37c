"""What pipelines share: feature stages, network builder, baselines, evaluation. No Kedro."""

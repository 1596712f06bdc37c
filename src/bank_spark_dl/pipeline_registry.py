"""All pipelines by name."""

from kedro.framework.project import find_pipelines
from kedro.pipeline import Pipeline

# What `kedro run` runs, in this order; every other pipeline is asked for by name.
DEFAULT = ("data_processing", "feature_engineering", "modeling", "reporting")


def register_pipelines() -> dict[str, Pipeline]:
    """Find each package under `pipelines`; the default is the whole way from raw rows to report.

    Returns:
        Pipeline by name, `__default__` among them. The nodes of each are a namespace, which
        Kedro-Viz shows as one group; datasets and parameters keep their names.
    """
    pipelines = {
        name: Pipeline(found, namespace=name, prefix_datasets_with_namespace=False)
        for name, found in find_pipelines(raise_errors=True).items()
    }
    # Under --pipelines=NAME only that one is loaded.
    pipelines["__default__"] = sum(
        (pipelines[name] for name in DEFAULT if name in pipelines), Pipeline([])
    )
    return pipelines

"""The plot of a worker sweep."""

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from bank_spark_dl.pipelines.worker_sweep.summary import WorkerSweep

COLOR = "#0072B2"
MEANS = {"accuracy": "accuracy", "auc": "AUC", "rmse": "RMSE", "r2": "R2"}
MEDIANS = {"rows_per_second": "training rows per second", "seconds": "seconds of a training"}


def draw_sweep(worker_sweep: WorkerSweep) -> Figure:
    """Draw four panels by number of workers; bars are 95% intervals of the mean over seeds."""
    workers = worker_sweep.workers
    found = [name for name in MEANS if getattr(workers[0], name) is not None]
    titles = [*(f"{MEANS[name]}, test rows" for name in found), *MEDIANS.values()]
    figure = make_subplots(rows=2, cols=2, subplot_titles=titles)
    numbers = [str(entry.num_workers) for entry in workers]
    shared = {"x": numbers, "marker": {"size": 9, "color": COLOR}, "showlegend": False}
    for col, name in enumerate(found, start=1):
        means = [getattr(entry, name) for entry in workers]
        figure.add_scatter(
            **shared,
            y=[each.mean for each in means],
            error_y={
                "array": [each.high - each.mean for each in means],
                "arrayminus": [each.mean - each.low for each in means],
            },
            mode="markers",
            row=1,
            col=col,
        )
    for col, name in enumerate(MEDIANS, start=1):
        medians = [getattr(entry, name) for entry in workers]
        figure.add_scatter(**shared, y=medians, mode="lines+markers", row=2, col=col)
    figure.update_yaxes(rangemode="tozero", row=2)
    figure.update_layout(template="simple_white", title="Worker sweep", height=640)
    figure.update_xaxes(title="workers", type="category")
    return figure

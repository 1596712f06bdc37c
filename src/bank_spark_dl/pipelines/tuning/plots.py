"""Plots of a search, drawn by Optuna."""

from plotly.graph_objects import Bar, Figure

from bank_spark_dl.parameters import TuningOptions
from bank_spark_dl.pipelines.tuning.results import Tuning, TuningTrials
from bank_spark_dl.pipelines.tuning.study import study_of

COLOR = "#0072B2"


def draw_trials(
    tuning_trials: TuningTrials, tuning: Tuning, options: TuningOptions
) -> tuple[Figure, Figure, Figure, Figure]:
    """Draw the trials by number, by each parameter and by all parameters, and the importance.

    All trials are shown as they were after the first rung, with the same number of epochs.

    Args:
        tuning_trials: All trials.
        tuning: What the search has found.
        options: What was searched.
    """
    from optuna.visualization import (  # imports Matplotlib where that is installed: 0.4 s
        plot_optimization_history,
        plot_parallel_coordinate,
        plot_slice,
    )

    study = study_of(tuning_trials, options, tuning.objective)
    epochs = min(tuning_trials[0].rungs)
    name = f"{tuning.objective} after epoch {epochs}"
    plots = (
        plot_optimization_history(study, target_name=name),
        plot_slice(study, target_name=name),
        plot_parallel_coordinate(study, target_name=name),
    )
    titles = ("Trials in their order", "Trials by parameter", "Parameters of the trials")
    for plot, title in zip(plots, titles, strict=True):
        plot.update_layout(template="simple_white", title=title, width=None)
    return *plots, _draw_importance(tuning)


def _draw_importance(tuning: Tuning) -> Figure:
    names = list(tuning.importance)[::-1]
    shares = [tuning.importance[name] for name in names]
    figure = Figure(Bar(x=shares, y=names, orientation="h", marker={"color": COLOR}))
    title = "Importance of the parameters (PED-ANOVA)"
    figure.update_layout(template="simple_white", title=title)
    figure.update_xaxes(title=f"share of the variation of {tuning.objective}", rangemode="tozero")
    return figure

"""Parameters of the search, with figures that follow from the settings instead of trainings."""

from collections.abc import Callable, Sequence
from typing import Any

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.parameters.searched_environment import MARKER, refuse_other
from bank_spark_dl.pipelines.tuning.comparison import train_again
from bank_spark_dl.pipelines.tuning.fold_training import FoldJob
from bank_spark_dl.pipelines.tuning.nodes import objective_of
from bank_spark_dl.pipelines.tuning.results import best_trial
from bank_spark_dl.pipelines.tuning.search import Search
from bank_spark_dl.pipelines.tuning.settings import Settings
from bank_spark_dl.tasks import task_named
from tests.parameter_effects.effect import Effect
from tests.parameter_effects.table import TARGET, Table


class Trainer:
    """Large batches have a good log loss and a bad AUC."""

    def train(
        self, jobs: Sequence[FoldJob], on_end: Callable[[FoldJob], None], repeat: int = 0
    ) -> list[dict[str, float]]:
        sizes = [job.settings.elephas.batch_size for job in jobs]
        return [{"log_loss": 1 / size, "auc": 1 / size, "accuracy": 0.5} for size in sizes]


class Progress:
    def end(self, job: FoldJob) -> None: ...

    def show(self, now: str) -> None: ...


def settings(p: Parameters) -> Settings:
    return Settings(p.features, p.model, p.elephas)


def search(_: Table, p: Parameters) -> Any:
    objective = objective_of(p.tuning, task_named("binary").evaluation(TARGET, None))
    given: Any = (settings(p), p.tuning, objective, 2, p.seed, Trainer(), Progress())
    trials = Search(*given).run()
    found = [(trial.parameters, trial.epochs, trial.state) for trial in trials]
    return objective, best_trial(trials, objective).parameters["elephas.batch_size"], found


def repeats(_: Table, p: Parameters) -> int:
    given: Any = (2, p.tuning.repeats, p.seed, Trainer(), Progress())
    return len(train_again(settings(p), *given))


def replaces(table: Table, p: Parameters) -> bool:
    folder = table.folder / "mine_searched"
    folder.mkdir(exist_ok=True)
    (folder / "parameters.yml").write_text(f"{MARKER}\n")
    try:
        refuse_other(folder, force=p.tuning.force)
    except ParameterError:
        return False
    return True


EFFECTS = {
    "tuning.trials": Effect(search, 12),
    "tuning.minutes": Effect(search, 1e-9),
    "tuning.batch": Effect(search, 4),
    "tuning.sampler.name": Effect(search, "QMCSampler"),
    "tuning.halving.rungs": Effect(search, 4, {"elephas.epochs": 27}),
    "tuning.halving.reduction_factor": Effect(search, 2),
    "tuning.objective": Effect(search, "auc"),
    "tuning.repeats": Effect(repeats, 3),
    "tuning.seed": Effect(search, 5),
    "tuning.force": Effect(replaces, True),
    "tuning.space": Effect(search, {"elephas.batch_size": {"choices": [8, 16]}}),
}

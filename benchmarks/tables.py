"""The drafted network, Spark's baselines and XGBoost on the same folds of many tables.

Run as `python -m benchmarks.tables adult.csv:income telco.csv:Churn [--seeds 0 1] [--folds 5]`.
Each table is drafted and cross-validated as a user would do it, with nothing changed by hand.
XGBoost gets the raw columns, categories as such, and a search of its own on a fifth of the train
rows.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import DateType, TimestampNTZType, TimestampType
from scipy.stats import rankdata

from bank_spark_dl.ml.column_names import carried_name
from bank_spark_dl.ml.evaluation.intervals import fold_interval
from bank_spark_dl.ml.features.columns import choose_columns
from bank_spark_dl.ml.splits.folds import DEALT
from bank_spark_dl.ml.splits.ordered_folds import deal_rows
from bank_spark_dl.spark.sql import quoted
from benchmarks.inputs import start_session
from benchmarks.trees import read_parameters

ROOT = Path(__file__).parents[1]
ENV = "bench_tables"
DATA = ROOT / "data" / ENV
SETTINGS: tuple[dict[str, Any], ...] = (
    {"max_depth": 4, "eta": 0.03, "subsample": 0.8, "colsample_bytree": 0.8},
    {"max_depth": 5, "eta": 0.05},
    {"max_depth": 6, "eta": 0.1, "subsample": 0.8, "colsample_bytree": 0.8},
    {"max_depth": 8, "eta": 0.05, "min_child_weight": 10, "subsample": 0.8},
)
MOST_TREES, PATIENCE = 2000, 50
OBJECTIVES = {
    "binary": {"objective": "binary:logistic", "eval_metric": "logloss"},
    "multiclass": {"objective": "multi:softprob", "eval_metric": "mlogloss"},
    "regression": {"objective": "reg:squarederror", "eval_metric": "rmse"},
}
DECIDING = {"binary": ("AUC", 1), "multiclass": ("accuracy", 1), "regression": ("RMSE", -1)}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Held:
    """A fold's held-out rows: labels, and what each model predicts for them.

    Attributes:
        task: binary, multiclass or regression.
        labels: (rows,), classes as whole numbers.
        predictions: By model: probabilities of the positive class or of all classes, or numbers.
    """

    task: str
    labels: Array
    predictions: dict[str, Array]

    def figures(self) -> dict[str, float]:
        """Return the figure that decides for this task, by model."""
        return {name: self._figure(found) for name, found in self.predictions.items()}

    def _figure(self, predicted: Array) -> float:
        if self.task == "regression":
            return float(np.sqrt(np.mean((predicted - self.labels) ** 2)))
        if self.task == "multiclass":
            return float(np.mean(predicted.argmax(axis=1) == self.labels))
        positives, ranks = int(self.labels.sum()), rankdata(predicted)
        above = ranks[self.labels == 1].sum() - positives * (positives + 1) / 2
        return float(above / (positives * (len(self.labels) - positives)))


def kedro(*arguments: str) -> float:
    """Run a command of the project; return its seconds."""
    began = time.perf_counter()
    command = [str(Path(sys.executable).parent / "kedro"), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


def cross_validate(seed: int, folds: int) -> tuple[list[Held], dict[str, float]]:
    """Cross-validate the drafted environment and XGBoost; return the folds and the seconds."""
    params = f"cross_validation.seed={seed},cross_validation.folds={folds}"
    seconds = kedro(
        "run", f"--env={ENV}", "--pipelines=data_processing,cross_validation", f"--params={params}"
    )
    spark = start_session(2, engine=False)
    try:
        held = list(_held(spark.read.parquet(str(DATA / "07_model_output/cv_predictions.parquet"))))
        clean = spark.read.parquet(str(DATA / "02_intermediate/bank_clean.parquet"))
        began = time.perf_counter()
        _boost(clean, held, seed, folds)
        return held, {"project": seconds, "XGBoost": time.perf_counter() - began}
    finally:
        spark.stop()


def _held(predictions: DataFrame) -> Iterator[Held]:
    """Read what the project's models predict, fold by fold."""
    task = json.loads((DATA / "07_model_output/cv_target.json").read_text())["task"]
    columns = ["fold", "model", "row_id", "label_index"]
    wanted = "prediction" if task == "regression" else "probability"
    table = predictions.select(*columns, wanted).toPandas().sort_values("row_id")
    for _, rows in table.groupby("fold"):
        by_model = {str(name): part for name, part in rows.groupby("model")}
        found = {name: np.stack(part[wanted].to_list()) for name, part in by_model.items()}
        labels = by_model["network"]["label_index"].to_numpy(float)
        yield Held(task, labels if task == "regression" else labels.astype(int), found)


def _boost(clean: DataFrame, held: Sequence[Held], seed: int, folds: int) -> None:
    """Add what XGBoost predicts for the same rows."""
    parameters = read_parameters(ENV)
    options = parameters.cross_validation.model_copy(update={"seed": seed, "folds": folds})
    rows = deal_rows(clean, parameters.data, options)
    dates = [
        field.name
        for field in rows.schema
        if isinstance(field.dataType, DateType | TimestampType | TimestampNTZType)
    ]
    seconds = {name: sf.unix_timestamp(sf.col(quoted(name)).cast("timestamp")) for name in dates}
    table = rows.withColumns(seconds).toPandas().sort_values("row_id", ignore_index=True)
    columns = choose_columns(rows.drop(DEALT), parameters.data, "median")
    categorical, numeric = (
        list(map(carried_name, names)) for names in (columns.categorical, columns.numeric)
    )
    inputs = pd.concat(
        [
            table[numeric].astype(float),
            table[categorical].astype("category"),
            table[dates].astype(float),
        ],
        axis=1,
    )
    inputs.columns = [str(number) for number in range(inputs.shape[1])]  # XGBoost refuses "<"
    labels = np.empty(len(table))
    for fold, part in enumerate(held):
        labels[(table[DEALT] == fold).to_numpy()] = part.labels
    for fold, part in enumerate(held):
        inside = (table[DEALT] == fold).to_numpy()
        model = _best_model(inputs[~inside], labels[~inside], part.task)
        part.predictions["XGBoost"] = model.predict(
            xgboost.DMatrix(inputs[inside], enable_categorical=True)
        )


def _best_model(inputs: pd.DataFrame, labels: Array, task: str) -> xgboost.Booster:
    """Search on a fifth of the rows, then fit the best setting to all of them."""
    fixed: dict[str, Any] = {**OBJECTIVES[task], "seed": 0}
    if task == "multiclass":
        fixed["num_class"] = int(labels.max()) + 1
    watched = np.random.default_rng(0).random(len(labels)) < 0.2
    train, test = (
        xgboost.DMatrix(inputs[part], label=labels[part], enable_categorical=True)
        for part in (~watched, watched)
    )
    tried = []
    for values in SETTINGS:
        model = xgboost.train(
            fixed | values,
            train,
            MOST_TREES,
            evals=[(test, "watched")],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
        tried.append((model.best_score, model.best_iteration + 1, fixed | values))
    _, trees, setting = min(tried, key=lambda entry: entry[0])
    whole = xgboost.DMatrix(inputs, label=labels, enable_categorical=True)
    return xgboost.train(setting, whole, trees)


def measure(table: str, seeds: Sequence[int], folds: int) -> str:
    """Measure one table; return its line of the Markdown table."""
    path, label = table.rsplit(":", 1)
    kedro("draft", str(Path(path).resolve()), f"--label={label}", f"--env={ENV}", "--force")
    found: list[dict[str, float]] = []
    seconds: list[dict[str, float]] = []
    task = ""
    for seed in seeds:
        held, took = cross_validate(seed, folds)
        found += [fold.figures() for fold in held]
        seconds.append(took)
        task = held[0].task
    name, gain = DECIDING[task]
    means = {model: statistics.fmean(fold[model] for fold in found) for model in found[0]}
    differences = fold_interval(
        [gain * (fold["network"] - fold["XGBoost"]) for fold in found], len(seeds)
    )
    ranked = sorted(means, key=lambda model: -gain * means[model])
    shown = ", ".join(f"{model.replace('_', ' ')} {means[model]:.4f}" for model in ranked)
    took = ", ".join(f"{key} {statistics.fmean(s[key] for s in seconds):.0f}" for key in seconds[0])
    return (
        f"| {Path(path).stem} | {name} | {shown} | {differences.mean:+.4f} "
        f"({differences.low:+.4f} to {differences.high:+.4f}) | "
        f"{ranked.index('network') + 1} of {len(ranked)} | {took} |"
    )


def main() -> None:
    """Print a line for each table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("tables", nargs="+", help="FILE.csv:LABEL")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1], help="of the folds")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    print(
        "| table | figure | means over the folds, best first | network minus XGBoost, or the "
        "other way round for an error | rank of the network | seconds a seed |"
    )
    print("| --- " * 6 + "|", flush=True)
    try:
        for table in options.tables:
            print(measure(table, options.seeds, options.folds), flush=True)
    finally:
        shutil.rmtree(ROOT / "conf" / ENV, ignore_errors=True)
        shutil.rmtree(DATA, ignore_errors=True)


if __name__ == "__main__":
    main()

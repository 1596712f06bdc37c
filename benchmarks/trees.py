"""XGBoost on the folds that the project cross-validates on, beside its network.

Run as `python -m benchmarks.trees [--data PATH] [--env tuned] [--seeds 0 1 2]`. XGBoost gets the
derived columns and counts of the profile, and within each fold a search over SEARCH, judged on a
fifth of the train rows.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost
from kedro.config import OmegaConfigLoader
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf
from scipy.stats import rankdata

from bank_spark_dl.ml.features.columns import choose_columns
from bank_spark_dl.ml.features.derived import fit_derived
from bank_spark_dl.ml.features.label import positive_value
from bank_spark_dl.ml.features.sql_stages import add_source, apply_stages
from bank_spark_dl.ml.splits.folds import DEALT
from bank_spark_dl.ml.splits.ordered_folds import deal_rows, trains
from bank_spark_dl.parameters import Parameters, check_parameters
from benchmarks.inputs import start_session

ROOT = Path(__file__).parents[1]
SEARCH = {
    "max_depth": [3, 4, 6],
    "min_child_weight": [1, 10],
    "colsample_bytree": [0.5, 1.0],
}
FIXED = {
    "objective": "binary:logistic",
    "eval_metric": "logloss",
    "learning_rate": 0.05,
    "subsample": 0.8,
    "seed": 0,
}
MOST_TREES, PATIENCE = 2000, 50
FIGURES = ("accuracy", "auc", "log_loss")

Labels = npt.NDArray[np.int64]


def cross_validate(env: str, data: str, seed: int, root: str) -> dict[str, Any]:
    """Let the project cross-validate its own models."""
    params = f"--params=raw_filepath={data},data_root={root},cross_validation.seed={seed}"
    command = [Path(sys.executable).parent / "kedro", "run", f"--env={env}", params]
    command.append("--pipelines=data_processing,cross_validation")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    metrics: dict[str, Any] = json.loads(Path(root, "08_reporting/cv_metrics.json").read_text())
    return metrics


def read_parameters(env: str) -> Parameters:
    """Read a profile."""
    loader = OmegaConfigLoader(
        conf_source=str(ROOT / "conf"),
        base_env="base",
        default_run_env="local",
        env=env,
        merge_strategy={"parameters": "soft"},
    )
    return check_parameters(loader["parameters"])


def boost(rows: DataFrame, parameters: Parameters, seed: int) -> dict[str, float]:
    """Measure XGBoost on the folds; return its figures, means over the folds."""
    options = parameters.cross_validation
    dealt = deal_rows(rows, parameters.data, options.model_copy(update={"seed": seed}))
    dealt = add_source(dealt, sf.lit("the table")).cache()
    folds = [_boost_fold(dealt, fold, parameters) for fold in range(options.folds)]
    return {key: statistics.fmean(fold[key] for fold in folds) for key in FIGURES}


def _boost_fold(dealt: DataFrame, fold: int, parameters: Parameters) -> dict[str, float]:
    conditions = (sf.col(DEALT) == fold, trains(fold, parameters.data))
    inside, outside = (dealt.where(condition) for condition in conditions)
    label = parameters.data.columns.label
    stages = fit_derived(outside.drop(label, DEALT), parameters.features)
    train = apply_stages(outside, stages, fitted=True)  # no train row counts itself
    table = train.unionByName(apply_stages(inside, stages)).orderBy("row_id").toPandas()
    columns = choose_columns(train.drop(DEALT), parameters.data)
    inputs = pd.concat(
        [
            table[list(columns.numeric)].astype(float),
            pd.get_dummies(table[list(columns.categorical)], dtype=float),
        ],
        axis=1,
    ).to_numpy()
    classes = table[label].astype(str)
    positive = positive_value(set(classes), parameters.data.columns.positive)
    labels = (classes == positive).to_numpy(np.int64)
    held_out = (table[DEALT] == fold).to_numpy()
    model = _best_model(inputs[~held_out], labels[~held_out])
    return _figures(labels[held_out], model.predict(xgboost.DMatrix(inputs[held_out])))


def _best_model(inputs: npt.NDArray[Any], labels: Labels) -> xgboost.Booster:
    """Search on a fifth of the rows, then fit the best setting to all of them."""
    watched = np.random.default_rng(0).random(len(labels)) < 0.2
    train, test = (
        xgboost.DMatrix(inputs[part], label=labels[part]) for part in (~watched, watched)
    )
    tried = []
    for values in itertools.product(*SEARCH.values()):
        setting = FIXED | dict(zip(SEARCH, values, strict=True))
        model = xgboost.train(
            setting,
            train,
            MOST_TREES,
            evals=[(test, "watched")],
            early_stopping_rounds=PATIENCE,
            verbose_eval=False,
        )
        tried.append((model.best_score, model.best_iteration + 1, setting))
    _, trees, setting = min(tried, key=lambda entry: entry[0])
    return xgboost.train(setting, xgboost.DMatrix(inputs, label=labels), trees)


def _figures(labels: Labels, probability: npt.NDArray[Any]) -> dict[str, float]:
    positives, ranks = int(labels.sum()), rankdata(probability)
    above = ranks[labels == 1].sum() - positives * (positives + 1) / 2
    likelihood = np.where(labels == 1, probability, 1 - probability)
    return {
        "accuracy": float(np.mean((probability > 0.5) == (labels == 1))),
        "auc": float(above / (positives * (len(labels) - positives))),
        "log_loss": float(-np.log(likelihood).mean()),
    }


def main() -> None:
    """Print a table: for each model its figures by fold seed, and their means."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trees", description=__doc__)
    parser.add_argument("--data", default="data/01_raw/bank.csv", help="the bank file")
    parser.add_argument("--env", default="tuned", help="the profile")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the folds")
    options = parser.parse_args()
    parameters = read_parameters(options.env)
    found: dict[str, list[dict[str, float]]] = {}
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as root:
            metrics = cross_validate(options.env, str(Path(options.data).resolve()), seed, root)
            for name, model in metrics["models"].items():
                found.setdefault(name, []).append({key: model[key]["mean"] for key in model})
            spark = start_session(2, engine=False)
            clean = spark.read.parquet(f"{root}/02_intermediate/bank_clean.parquet")
            found.setdefault("XGBoost", []).append(boost(clean, parameters, seed))
            spark.stop()
        for name, runs in found.items():
            print(f"seed {seed}, {name}: {json.dumps(runs[-1])}", flush=True)
    seeds = " | ".join(f"seed {seed}" for seed in options.seeds)
    print(f"\n| {options.env}: accuracy / AUC / log loss | {seeds} | mean |")
    print("| --- " * (len(options.seeds) + 2) + "|")
    for name, runs in found.items():
        mean = {key: statistics.fmean(run[key] for run in runs) for key in FIGURES}
        cells = [" / ".join(f"{part[key]:.4f}" for key in FIGURES) for part in [*runs, mean]]
        print(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

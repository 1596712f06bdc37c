"""Parameters of the baselines and of the report."""

from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.models.baselines import (
    baseline_estimators,
    gradient_boosting,
    prediction_columns,
    regression_estimators,
)
from bank_spark_dl.ml.models.record import TrainingRecord
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.modeling.nodes import assemble_scoring_model, train_baselines
from bank_spark_dl.pipelines.reporting.data_quality import leakage_sentence
from bank_spark_dl.pipelines.reporting.nodes import decide_calls, draw_roc_curves, explain_columns
from tests.parameter_effects.effect import Effect
from tests.parameter_effects.table import TARGET, Table

HALF = TrainingRecord(
    1, 1, 1, 1, 1, 1, inputs=1, parameters=1, threshold=0.5, baseline_threshold=0.5
)

TWO = Target("deposit", "binary", ("no", "yes"))


def baselines(table: Table, p: Parameters) -> Any:
    rows = table.training_rows(p)
    predictions = train_baselines(rows, rows, HALF, TARGET, p.baselines, None, p.seed)
    return [tuple(row) for row in predictions.orderBy("model", "row_id").collect()]


def linear(table: Table, p: Parameters) -> Any:
    model = regression_estimators(p.baselines, p.seed)["linear_regression"]
    return list(model.fit(table.training_rows(p)).coefficients)


def boosted(table: Table, p: Parameters) -> Any:
    rows = table.training_rows(p)
    model = gradient_boosting(p.baselines.gradient_boosting, p.seed).fit(rows)
    predictions = prediction_columns(model.transform(rows))
    return [tuple(row) for row in predictions.orderBy("row_id").collect()]


def roc(table: Table, p: Parameters) -> int:
    predictions = logistic(table, p)
    others = predictions.selectExpr("'logistic_regression' model", "*")
    return len(draw_roc_curves(predictions, others, TWO, p.reporting.curve_points).data[0].x)


def decision(table: Table, p: Parameters) -> Any:
    found, _ = decide_calls(logistic(table, p), TWO, p.reporting.decision, p.data.prior, p.seed)
    return found.profit_per_1000


def logistic(table: Table, p: Parameters) -> DataFrame:
    """Predictions of a logistic regression."""
    if "logistic" not in table.kept:
        rows = table.training_rows(p)
        model = baseline_estimators(p.baselines, p.seed)["logistic_regression"].fit(rows)
        table.kept["logistic"] = prediction_columns(model.transform(rows)).cache()
    return table.kept["logistic"]


def warning(_: Table, p: Parameters) -> str | None:
    return leakage_sentence(p.data.suspicious)


def importance(table: Table, p: Parameters) -> Any:
    rows = table.clean(p)
    limits = p.reporting.importance_rows, p.reporting.importance_repeats
    labels = table.training_rows(p).select("row_id", "label_index")
    parts = scoring_model(table, p), TWO, p.data, p.features
    return explain_columns(rows, labels, *parts, *limits, p.seed).columns


def scoring_model(table: Table, p: Parameters) -> PipelineModel:
    """A logistic regression in the place of the network."""
    if "scoring_model" not in table.kept:
        stages = table.stages(p)
        logistic = baseline_estimators(p.baselines, p.seed)["logistic_regression"]
        network = PipelineModel([logistic.fit(stages.transform(table.clean(p)))])
        table.kept["scoring_model"] = assemble_scoring_model(stages, network, TARGET)
    return table.kept["scoring_model"]


EFFECTS = {
    "baselines.decision_tree.max_depth": Effect(baselines, 1),
    "baselines.decision_tree.max_bins": Effect(baselines, 3),
    "baselines.decision_tree.min_instances_per_node": Effect(baselines, 100),
    "baselines.logistic_regression.max_iter": Effect(baselines, 1),
    "baselines.logistic_regression.reg_param": Effect(baselines, 0.5),
    "baselines.logistic_regression.elastic_net_param": Effect(
        baselines, 1.0, {"baselines.logistic_regression.reg_param": 0.1}
    ),
    "baselines.linear_regression.reg_param": Effect(linear, 0.5),
    "baselines.linear_regression.elastic_net_param": Effect(
        linear, 1.0, {"baselines.linear_regression.reg_param": 0.1}
    ),
    "baselines.gradient_boosting.max_iter": Effect(boosted, 2),
    "baselines.gradient_boosting.max_depth": Effect(boosted, 1),
    "baselines.gradient_boosting.step_size": Effect(boosted, 0.5),
    "data.suspicious": Effect(warning, {"duration": 0.99}),
    "data.prior": Effect(decision, 0.1),
    "reporting.curve_points": Effect(roc, 10),
    "reporting.importance_rows": Effect(importance, 300),
    "reporting.importance_repeats": Effect(importance, 1),
    "reporting.decision.budget": Effect(decision, 1.0),
    "reporting.decision.call_cost": Effect(decision, 20.0),
    "reporting.decision.deposit_value": Effect(decision, 20.0),
    "reporting.decision.bootstrap": Effect(decision, 100),
}

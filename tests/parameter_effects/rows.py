"""Parameters of rows: which there are, how they are split, what becomes of their columns."""

from typing import Any

from bank_spark_dl.errors import InputDataError, ParameterError
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.ml.splits.folds import add_fold
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.data_processing.nodes import check_rows, preview_rows, split_rows
from bank_spark_dl.pipelines.reporting.nodes import compare_segments
from bank_spark_dl.pipelines.synthetic_data.nodes import generate_rows
from tests.parameter_effects.effect import Effect
from tests.parameter_effects.table import Table


def ids(table: Table, p: Parameters) -> Any:
    return sorted(row[0] for row in table.clean(p).select("row_id").collect())


def columns(table: Table, p: Parameters) -> Any:
    return table.clean(p).columns


def leak_guard(table: Table, p: Parameters) -> str:
    try:
        check_rows(table.raw_rows, RawSource("sample", "", synthetic=True), p.data)
    except ParameterError as error:
        return str(error)
    return "accepted"


def split(table: Table, p: Parameters) -> Any:
    _, test = split_rows(table.clean(p), p.data, p.seed)
    return sorted(row[0] for row in test.select("row_id").collect())


def preview(table: Table, p: Parameters) -> str:
    table.capsys.readouterr()
    preview_rows(table.raw_rows, p.data)
    return table.capsys.readouterr().out


def scaled(table: Table, p: Parameters) -> Any:
    entries = fit_feature_model(table.clean(p), p.data, p.features).scaled_columns.columns
    return {name: (entry.standardized, entry.value) for name, entry in entries.items()}


def standardized(table: Table, p: Parameters) -> Any:
    return {name: entry[0] for name, entry in scaled(table, p).items()}


def vector(table: Table, p: Parameters) -> Any:
    return list(table.features(p).first()["features"].toArray())


def vector_or_refusal(table: Table, p: Parameters) -> Any:
    try:
        return vector(table, p)
    except InputDataError as error:
        return str(error)


def labels(table: Table, p: Parameters) -> Any:
    return [row["label_index"] for row in table.features(p).collect()]


def weights(table: Table, p: Parameters) -> Any:
    return [row.asDict().get("weight") for row in table.features(p).collect()]


def labels_or_refusal(table: Table, p: Parameters) -> Any:
    try:
        return labels(table, p)
    except InputDataError as error:
        return str(error)


def segments(table: Table, p: Parameters) -> Any:
    rows = table.clean(p)
    predictions = rows.selectExpr("row_id", "0D label_index", "0.5D probability", "0D prediction")
    two = Target(p.data.columns.label, "binary", ("no", "yes"))
    return [(part.column, part.value) for part in compare_segments(predictions, rows, two, p.data)]


def folds(table: Table, p: Parameters) -> Any:
    options = p.cross_validation
    dealt = add_fold(table.clean(p), p.data.columns.label, options.folds, options.seed)
    return [row["__fold__"] for row in dealt.orderBy("row_id").collect()]


def synthetic(_: Table, p: Parameters) -> Any:
    rows, _ = generate_rows(p.synthetic)
    return [tuple(row) for row in rows.limit(20).collect()], rows.count()


WITHOUT_DURATION = {
    "data.columns.drop": ["day", "month", "duration"],
    "data.columns.numeric": ["age"],
}
ALL_NUMBERS = {"data.columns.numeric": "auto"}
NO_DECISION = {"reporting.decision": None, "elephas.calibration": "none"}
KEPT = {"features.unseen_categories": "keep"}
FREE_COLUMNS = {"data.columns.drop": [], "data.columns.numeric": ["age"]}
BY_DAY = FREE_COLUMNS | {"data.split": "time", "data.columns.time": "day"}
BY_MONTH = FREE_COLUMNS | {"data.split": "group", "data.columns.group": "month"}
WITH_A_DATE = {"features.derived": {"called": "date_add(date'2024-01-01', 30 * int(campaign))"}}
WITH_GAPS = {"features.derived": {"gaps": "nullif(campaign, 1)"}}

EFFECTS = {
    "seed": Effect(split, 99),
    "data.columns.id": Effect(ids, None),
    "data.columns.label": Effect(labels, "housing", {"data.columns.categorical": ["job"]}),
    "data.columns.positive": Effect(labels, "no"),
    "data.task": Effect(labels_or_refusal, "multiclass", NO_DECISION),
    "data.columns.drop": Effect(columns, ["day"]),
    "data.columns.categorical": Effect(vector, ["job"]),
    "data.columns.numeric": Effect(vector, ["age", "balance"]),
    "data.weight": Effect(weights, "campaign", {"data.columns.numeric": ["age"]}),
    "data.purpose": Effect(leak_guard, "call_list", WITHOUT_DURATION | {"data.availability": {}}),
    "data.availability": Effect(
        leak_guard, {"age": "before_call"}, WITHOUT_DURATION | {"data.purpose": "call_list"}
    ),
    "data.segments.column": Effect(segments, "balance"),
    "data.segments.edges": Effect(segments, [40]),
    "data.columns.time": Effect(split, "pdays", BY_DAY),
    "data.columns.group": Effect(split, "campaign", BY_MONTH),
    "data.split": Effect(split, "random", BY_DAY),
    "data.test_fraction": Effect(split, 0.4),
    "data.preview_rows": Effect(preview, 2),
    "features.missing": Effect(vector_or_refusal, "median", ALL_NUMBERS | WITH_GAPS),
    "features.categories.min_count": Effect(vector, 30, KEPT),
    "features.categories.max_categories": Effect(vector, 3, KEPT),
    "features.categories.encoding": Effect(vector, "embedding"),
    "features.dates": Effect(vector, {"parts": ["month"], "encoding": "cyclic"}, WITH_A_DATE),
    "features.derived": Effect(vector, {"older": "age + 1"}, ALL_NUMBERS),
    "features.counts": Effect(vector, {"alike": ["job"]}, ALL_NUMBERS),
    "features.piecewise_linear": Effect(vector, {"bins": 3}),
    "features.skew.statistic": Effect(scaled, "skewness"),
    "features.skew.lower": Effect(standardized, 1.99, {"features.skew.upper": 1e9}),
    "features.skew.upper": Effect(standardized, 1e9),
    "features.unseen_categories": Effect(vector, "keep"),
    "features.standardize.with_mean": Effect(vector, True),
    "features.standardize.with_std": Effect(vector, False),
    "cross_validation.folds": Effect(folds, 3),
    "cross_validation.seed": Effect(folds, 1),
    "synthetic.rows": Effect(synthetic, 500),
    "synthetic.seed": Effect(synthetic, 2),
}

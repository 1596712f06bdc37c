from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.categories import known_categories
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.features.inputs import plain_values
from bank_spark_dl.ml.features.label import label_stages, without_label
from bank_spark_dl.ml.features.new_rows import check_new_rows
from bank_spark_dl.ml.features.scaled_columns import (
    ScaledColumn,
    ScaledColumns,
)
from bank_spark_dl.ml.features.sql_stages import add_source
from bank_spark_dl.ml.features.stages import fit_stages
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import (
    CategoryOptions,
    FeatureOptions,
    SkewOptions,
    StandardizeOptions,
)

COLUMNS = FeatureColumns(("job", "marital"), ("age", "balance"))

OPTIONS = FeatureOptions(
    missing="error",
    dates=None,
    categories=CategoryOptions(min_count=1, max_categories=None),
    derived={},
    counts={},
    piecewise_linear=None,
    skew=SkewOptions(statistic="kurtosis", lower=-2.0, upper=2.0),
    unseen_categories="error",
    standardize=StandardizeOptions(with_mean=False, with_std=True),
)


def fit(rows: DataFrame, columns: FeatureColumns = COLUMNS, **changes: Any) -> PipelineModel:
    """Stages that standardize `balance`."""
    options = OPTIONS.model_copy(update=changes)
    standardized = {name: ScaledColumn(0.0, name == "balance") for name in columns.numeric}
    scaled = ScaledColumns("kurtosis", -2.0, 2.0, standardized)
    values = plain_values(columns)
    stages = fit_stages(add_source(rows, F.lit("The rows")), values, scaled, options)
    return PipelineModel([*label_stages(Target("deposit", "binary", ("no", "yes"))), *stages])


def vectors(frame: DataFrame) -> list[list[float]]:
    ordered = frame.orderBy("row_id").select(vector_to_array("features").alias("v"))
    return [row["v"] for row in ordered.collect()]


def test_inputs_come_in_declared_order(rows: DataFrame) -> None:
    model = fit(rows)
    jobs = rows.select("job").distinct().count()
    statuses = rows.select("marital").distinct().count()
    first = rows.orderBy("row_id").first()
    vector = vectors(model.transform(rows))[0]
    assert len(vector) == (jobs - 1) + (statuses - 1) + 2
    deviation = rows.agg(F.stddev("balance")).head()[0]
    assert vector[-2] == pytest.approx(first["balance"] / deviation)
    assert vector[-1] == first["age"]


def test_the_fit_knows_the_train_rows_only(rows: DataFrame) -> None:
    train = rows.where("balance < 1000")
    deviation = train.agg(F.stddev("balance")).head()[0]
    transformed = fit(train).transform(rows).orderBy(F.desc("balance")).first()
    assert transformed["features"].toArray()[-2] == pytest.approx(
        transformed["balance"] / deviation
    )


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param(FeatureColumns((), ("age", "balance")), id="numbers-only"),
        pytest.param(FeatureColumns(("job",), ()), id="categories-only"),
        pytest.param(FeatureColumns((), ("age",)), id="nothing-skewed"),
        pytest.param(FeatureColumns((), ("balance",)), id="all-skewed"),
    ],
)
def test_any_mixture_of_columns_works(rows: DataFrame, columns: FeatureColumns) -> None:
    assert len(vectors(fit(rows, columns).transform(rows.limit(3)))) == 3


def test_the_positive_class_is_one(rows: DataFrame) -> None:
    indexed = fit(rows).transform(rows).select("deposit", "label_index").distinct().collect()
    assert {row["deposit"]: row["label_index"] for row in indexed} == {"no": 0.0, "yes": 1.0}


def test_unseen_categories_are_refused_by_name(rows: DataFrame) -> None:
    model = fit(rows.where("job not in ('student', 'retired')"))
    with pytest.raises(InputDataError) as refused:
        check_new_rows(rows, model, OPTIONS, "The test rows")
    assert str(refused.value) == (
        "The test rows hold categories that the train rows do not (job: 'retired', 'student'). "
        "Train on rows that hold them, or set features.unseen_categories to keep."
    )
    check_new_rows(rows.where("job = 'services'"), model, OPTIONS, "The test rows")


def test_unseen_categories_can_be_kept(rows: DataFrame) -> None:
    known = fit(rows.where("job != 'student'"), unseen_categories="keep")
    strange = vectors(known.transform(rows.where("job = 'student'").limit(1)))[0]
    strict = vectors(fit(rows.where("job != 'student'")).transform(rows.where("job='services'")))[0]
    assert len(strange) == len(strict) + 2  # one more input for each of the two columns
    assert len(known_categories(known.stages)["job"]) == rows.select("job").distinct().count() - 1


def test_rows_without_a_label_can_be_transformed(rows: DataFrame) -> None:
    model = fit(rows)
    unlabelled = without_label(model).transform(rows.drop("deposit"))
    assert "label_index" not in unlabelled.columns
    assert vectors(unlabelled) == vectors(model.transform(rows))

from typing import Any

import pytest
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import (
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
    StringIndexer,
    VectorAssembler,
)
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.ml.features.compiled import compiled_features
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.label import without_label
from bank_spark_dl.parameters import Parameters

SOURCE = "new.csv"
MISSING = {
    "derived": {
        "gaps": "nullif(campaign, 1)",
        "nan": "nanvl(if(age > 40, double('NaN'), age / 7D), double('NaN'))",
        "work": "nullif(job, 'admin.')",
        "day_of_call": "if(age > 60, NULL, date_add(date'2024-01-01', int(duration)))",
        "moment": "timestamp_seconds(duration * 7919)",
    },
    "dates": {
        "parts": ["year", "month", "day_of_week", "hour", "days_since_newest"],
        "encoding": "cyclic",
    },
}


def fit(rows: DataFrame, parameters: Parameters, **changes: Any) -> PipelineModel:
    """Feature stages without the label's."""
    options = type(parameters.features).model_validate(parameters.features.model_dump() | changes)
    columns = parameters.data.columns.model_copy(
        update={"categorical": "auto", "numeric": "auto", "drop": ["day", "month"]}
    )
    data = parameters.data.model_copy(update={"columns": columns})
    return without_label(fit_feature_model(rows, data, options).model)


def collect(rows: DataFrame) -> list[Any]:
    return rows.select("row_id", "features").orderBy("row_id").collect()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"standardize": {"with_mean": True, "with_std": True}},
        {"standardize": {"with_mean": True, "with_std": False}},
        {"skew": {"statistic": "kurtosis", "lower": -100.0, "upper": -50.0}},
        {"skew": {"statistic": "kurtosis", "lower": -1e9, "upper": 1e9}},
        {"unseen_categories": "keep"},
        {
            "derived": {
                "late": "if(age > 40, 'it\\'s \\\\ __x__ $y', \"no\")",
                "root": "sqrt(abs(balance))",
            },
            "counts": {"alike": ["job", "marital"]},
        },
        {"piecewise_linear": {"bins": 5, "columns": {}}},
        MISSING | {"missing": "median"},
        MISSING | {"missing": -1.5, "piecewise_linear": {"bins": 5, "columns": {}}},
        MISSING
        | {
            "missing": "mean",
            "unseen_categories": "keep",
            "categories": {"min_count": 30, "max_categories": 4},
            "standardize": {"with_mean": True, "with_std": True},
            "skew": {"statistic": "kurtosis", "lower": 0.0, "upper": 0.0},
        },
    ],
)
def test_the_inputs_are_those_of_the_stages_to_the_bit(
    rows: DataFrame, parameters: Parameters, changes: Any
) -> None:
    model = fit(rows, parameters, **changes)
    expected = model.transform(rows).withColumn("features", vector_to_array("features", "float32"))
    assert collect(compiled_features(rows, model.stages, F.lit(SOURCE))) == collect(expected)


def test_a_kept_place_takes_unseen_and_missing_categories(
    rows: DataFrame, parameters: Parameters
) -> None:
    model = fit(rows, parameters, unseen_categories="keep")
    for strange in ("astronaut", None):
        changed = rows.withColumn("job", F.lit(strange).cast("string"))
        expected = model.transform(changed).withColumn(
            "features", vector_to_array("features", "float32")
        )
        assert collect(compiled_features(changed, model.stages, F.lit(SOURCE))) == collect(expected)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("job", "'astro\\'naut'", "column 'job' holds 'astro'naut', a value that no train row has"),
        (
            "job",
            "string(null)",
            "column 'job' is empty. Correct it, or train with feat",
        ),
        ("age", "int(null)", "column 'age' holds no number. Correct it."),
        ("age", "double('nan')", "column 'age' holds no number. Correct it."),
    ],
)
def test_what_no_input_can_be_made_of_is_named_with_its_row(
    rows: DataFrame, parameters: Parameters, column: str, value: str, said: str
) -> None:
    model = fit(rows, parameters)
    strange = rows.limit(1).withColumns({"row_id": F.lit(77), column: F.expr(value)})
    with pytest.raises(Exception, match="USER_RAISED") as caught:
        compiled_features(strange, model.stages, F.lit(SOURCE)).select("features").collect()
    message = user_mistake(caught.value)
    assert message is not None
    assert message.startswith(f"new.csv: in the row with row_id 77 the {said}")


@pytest.mark.parametrize(
    ("age", "said"), [(2000, "'band' holds 'ancient'"), (0, "'log' holds no number")]
)
def test_derived_columns_are_refused_by_name_too(
    rows: DataFrame, parameters: Parameters, age: int, said: str
) -> None:
    band = "if(age > 1000, 'ancient', if(age > 40, 'old', 'young'))"
    model = fit(rows, parameters, derived={"band": band, "log": "ln(age)"})
    strange = rows.limit(1).withColumn("age", F.lit(age))
    with pytest.raises(Exception, match="USER_RAISED") as caught:
        compiled_features(strange, model.stages, F.lit(SOURCE)).select("features").collect()
    assert f"the column {said}" in str(user_mistake(caught.value))


def test_stages_of_earlier_versions_read_raw_columns(rows: DataFrame) -> None:
    stages = [
        StringIndexer(inputCols=["job"], outputCols=["job_index"]),
        OneHotEncoder(inputCols=["job_index"], outputCols=["job_onehot"]),
        VectorAssembler(inputCols=["balance"], outputCol="skewed"),
        StandardScaler(inputCol="skewed", outputCol="skewed_scaled"),
        VectorAssembler(inputCols=["age", "campaign"], outputCol="plain"),
        VectorAssembler(inputCols=["job_onehot", "skewed_scaled", "plain"], outputCol="features"),
    ]
    model = Pipeline(stages=stages).fit(rows)
    expected = model.transform(rows).withColumn("features", vector_to_array("features", "float32"))
    assert collect(compiled_features(rows, model.stages, F.lit(SOURCE))) == collect(expected)
    beyond = rows.limit(1).withColumns({"row_id": F.lit(77), "age": F.lit(1e39)})
    with pytest.raises(Exception, match=r"row_id 77 the column 'age' holds 1\.0E39"):
        compiled_features(beyond, model.stages, F.lit(SOURCE)).select("features").collect()


def test_another_stage_is_named(spark: SparkSession) -> None:
    rows = spark.range(3).selectExpr("id AS row_id", "double(id) AS a")
    assembled = VectorAssembler(inputCols=["a"], outputCol="v")
    scaler = MinMaxScaler(inputCol="v", outputCol="features").fit(assembled.transform(rows))
    with pytest.raises(TypeError, match="stage MinMaxScalerModel"):
        compiled_features(rows, [assembled, scaler], F.lit(SOURCE))

"""Frames and rows that cannot be trained on: one sentence with the column and the row."""

from typing import Any

import pytest
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from tests.distributed.conftest import make_rows
from tests.distributed.refusals import chain, refusal, sigmoid

BAD = "id-7"


def third(value: str) -> str:
    """The features, with another number in the third place."""
    return f"transform(features, (x, place) -> if(place != 2, x, {value}))"


ROWS = {
    "too few": ("slice(features, 1, 4)", "is of width 4, and the network takes 5 numbers"),
    "none": ("slice(features, 1, 0)", "is of width 0, and the network takes 5 numbers"),
    "too many": ("concat(features, features)", "is of width 10, and the network takes 5 numbers"),
    "null": ("null", "is null"),
    "null inside": (third("null"), "holds null or NaN in place 3"),
    "nan": (third("double('nan')"), "holds null or NaN in place 3"),
    "infinity": (third("double('-inf')"), "holds infinity, or more than the 3.4e38"),
    "beyond float32": (third("1e39"), "holds infinity, or more than the 3.4e38"),
}


@pytest.mark.parametrize("held_back", [0.0, 0.9])
@pytest.mark.parametrize(("features", "said"), ROWS.values(), ids=ROWS.keys())
def test_a_row_that_cannot_be_trained_on_is_named(
    frame: DataFrame, settings: dict[str, Any], features: str, said: str, held_back: float
) -> None:
    """Rows to validate on too: with most rows held back, most bad ones are among them."""
    rows = frame.withColumn("features", vector_to_array("features"))
    chosen = sf.expr(f"if(row_id = '{BAD}', {features}, features)")
    few = {"epochs": 1, "num_workers": 1, "validation_split": held_back}
    told = refusal(rows.withColumn("features", chosen), settings, **few)
    assert told.startswith(f"In the row with row_id {BAD} the column 'features' {said}")


def test_rows_that_add_up_to_another_width_are_named(
    spark: SparkSession, settings: dict[str, Any]
) -> None:
    """Rows of 4 and of 6 numbers in turn hold as many numbers as rows of 5."""
    rows = [
        (i, label, Vectors.dense([*values[:4], *[0.0] * 2 * (n % 2)]))
        for n, (i, label, values) in enumerate(make_rows(300))
    ]
    told = refusal(spark.createDataFrame(rows, ["row_id", "label", "features"]), settings)
    assert "and the network takes 5 numbers" in told
    assert told.startswith("In the row with row_id id-")


def test_a_null_vector_is_named(frame: DataFrame, settings: dict[str, Any]) -> None:
    rows = frame.withColumn("features", sf.expr(f"if(row_id != '{BAD}', features, null)"))
    assert refusal(rows, settings).startswith(f"In the row with row_id {BAD} the column")


def test_a_place_is_named_where_it_has_a_name(frame: DataFrame, settings: dict[str, Any]) -> None:
    values = vector_to_array("features")
    names = ["age", "balance", "job.index", "d", "e"]
    columns = [values[place].alias(name) for place, name in enumerate(names)]
    wide = frame.select("row_id", "label", *columns)
    bad = sf.when(sf.col("row_id") == BAD, float("inf")).otherwise(sf.col("balance"))
    rows = wide.withColumn("balance", bad).toDF("row_id", "label", *"abcde")
    assembled = VectorAssembler(inputCols=list("abcde"), outputCol="features").transform(rows)
    assert "in place 2 (b)" in refusal(assembled, settings)


def test_known_widths_are_compared_before_rows_are_read(
    frame: DataFrame, settings: dict[str, Any]
) -> None:
    values = vector_to_array("features")
    rows = frame.select("row_id", "label", *(values[n].alias(f"c{n}") for n in range(4)))
    unread = rows.withColumn("c0", sf.raise_error(sf.lit("a row was read")).cast("double"))
    assembler = VectorAssembler(inputCols=[f"c{n}" for n in range(4)], outputCol="features")
    told = refusal(assembler.transform(unread), settings)
    assert told.startswith("The column 'features' holds 4 numbers in each row, but the network")


def test_sparse_vectors_and_arrays_of_any_numbers_are_taken(
    spark: SparkSession, settings: dict[str, Any]
) -> None:
    rows = [
        (i, label, Vectors.sparse(5, [0, 3], [values[0], values[3]]))
        for i, label, values in make_rows(300)
    ]
    sparse = spark.createDataFrame(rows, ["row_id", "label", "features"])
    assert refusal(sparse, settings, epochs=1) == "fitted"
    whole = vector_to_array("features").cast("array<decimal(9,2)>")
    assert refusal(sparse.withColumn("features", whole), settings, epochs=1) == "fitted"


FRAMES = {
    "label 2": ("label", "if(row_id = 'id-7', 2, label)", "holds 2 too, in the row 'id-7'"),
    "label near 1": (
        "label",
        "if(row_id = 'id-7', 1 + 1e-12D, label)",
        "holds 1.000000000001 too, in the row 'id-7'",
    ),
    "label null": (
        "label",
        "if(row_id = 'id-7', null, label)",
        "holds null too, in the row 'id-7'",
    ),
    "label nan": (
        "label",
        "if(row_id = 'id-7', double('nan'), label)",
        "holds nan too, in the row 'id-7'",
    ),
    "one class": ("label", "1.0", "All rows have the label 1 in the column 'label'"),
    "text label": ("label", "string(label)", "labelCol is 'label', a column of string"),
    "map id": ("row_id", "map(1, label)", "which Spark cannot hash"),
    "constant id": ("row_id", "'x'", "'row_id' does not identify rows: 300 of 300"),
    "null id": ("row_id", "int(null)", "'row_id' does not identify rows: 300 of 300"),
    "id of two values": ("row_id", "label > 0", "'row_id' does not identify rows"),
    "text features": ("features", "'1,2'", "featuresCol is 'features', a column of string"),
    "text array": ("features", "array('1')", "a column of array<string>"),
}


@pytest.mark.parametrize(("column", "value", "said"), FRAMES.values(), ids=FRAMES.keys())
def test_a_column_that_cannot_play_its_part_is_named(
    frame: DataFrame, settings: dict[str, Any], column: str, value: str, said: str
) -> None:
    assert said in refusal(frame.withColumn(column, sf.expr(value)), settings)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labelCol": "lable"}, "did you mean 'label'?"),
        ({"rowIdCol": "label"}, "labelCol and rowIdCol are both 'label'"),
        ({"labelCol": "features"}, "featuresCol and labelCol are both 'features'"),
    ],
    ids=str,
)
def test_names_that_are_mistaken_are_named(
    frame: DataFrame, settings: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    assert said in refusal(frame, settings, **changes)


NAMES = [
    ("a.b", "la.bel", "feat.ures"),
    ("a`b", "*", "f e"),
    ("${x}", "größe", "'q'"),
]


@pytest.mark.parametrize("names", NAMES, ids=str)
def test_odd_names_are_taken(
    frame: DataFrame, settings: dict[str, Any], names: tuple[str, ...]
) -> None:
    parts = dict(zip(("rowIdCol", "labelCol", "featuresCol"), names, strict=True))
    assert refusal(frame.toDF(*names), settings, epochs=1, **parts) == "fitted"


def test_names_that_differ_by_case_are_told_apart_or_refused(
    frame: DataFrame, settings: dict[str, Any]
) -> None:
    spark = frame.sparkSession
    before = spark.conf.get("spark.sql.caseSensitive")
    more = frame.withColumns({"x": sf.col("label"), "y": sf.col("label")})
    ours, others = (more.toDF(*frame.columns, "label_1", n) for n in ("Label", "LABEL_1"))
    try:
        spark.conf.set("spark.sql.caseSensitive", "false")
        assert "matches 2 columns of the rows ('label', 'Label')" in refusal(ours, settings)
        assert refusal(others, settings, epochs=1) == "fitted"
        spark.conf.set("spark.sql.caseSensitive", "true")
        assert refusal(ours, settings, epochs=1) == "fitted"
    finally:
        spark.conf.set("spark.sql.caseSensitive", before)


def test_a_stream_is_refused(spark: SparkSession, settings: dict[str, Any]) -> None:
    stream = spark.readStream.format("rate").load().withColumnRenamed("value", "row_id")
    rows = stream.withColumns({"label": sf.lit(1.0), "features": sf.array(sf.lit(0.5))})
    assert refusal(rows, settings).startswith("A network cannot be trained on a stream")


def test_booleans_are_labels(frame: DataFrame, settings: dict[str, Any]) -> None:
    assert refusal(frame.withColumn("label", sf.col("label") == 1), settings, epochs=1) == "fitted"


def rare(spark: SparkSession, positives: int) -> DataFrame:
    rows = [
        (f"id-{n}", float(n < positives), Vectors.dense(values))
        for n, (_, _, values) in enumerate(make_rows(300))
    ]
    return spark.createDataFrame(rows, ["row_id", "label", "features"])


@pytest.mark.parametrize("seed", range(3))
def test_rare_rows_are_trained_and_validated_on(
    spark: SparkSession, settings: dict[str, Any], seed: int
) -> None:
    """Two rows of a label: one on each side, whatever the share that is held back."""
    watched = {"early_stopping": {"monitor": "val_auc"}, "validation_split": 0.05, "seed": seed}
    for positives in (2, 4):
        assert refusal(rare(spark, positives), settings, epochs=1, **watched) == "fitted"


@pytest.mark.parametrize(
    "needing", [{"early_stopping": {"monitor": "val_auc"}}, {"calibration": "platt"}], ids=str
)
def test_a_label_of_one_row_is_named_where_both_are_needed(
    spark: SparkSession, settings: dict[str, Any], needing: dict[str, Any]
) -> None:
    with pytest.warns(UserWarning, match="The label 1 has too few rows"):
        told = refusal(rare(spark, 1), settings, **needing)
    assert "label 1 has a single row, and none of them is a validation row" in told


def test_a_label_of_one_row_is_named(spark: SparkSession, settings: dict[str, Any]) -> None:
    with pytest.warns(UserWarning, match="The label 1 has too few rows"):
        assert refusal(rare(spark, 1), settings, epochs=1) == "fitted"


def test_another_input_width_is_named(frame: DataFrame, settings: dict[str, Any]) -> None:
    told = refusal(frame, settings, keras_model_config=chain(sigmoid(), inputs=(4,)))
    assert "is of width 5, and the network takes 4 numbers" in told
    assert "begin the network with keras.Input((NUMBER,))" in told


def test_vectors_of_vectors_are_as_arrays(frame: DataFrame, settings: dict[str, Any]) -> None:
    again = frame.withColumn("features", array_to_vector(vector_to_array("features")))
    assert refusal(again, settings, epochs=1) == "fitted"

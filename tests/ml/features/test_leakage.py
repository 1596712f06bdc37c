import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.features.leakage import inputs_available, leakage_columns, without_columns
from bank_spark_dl.parameters import Parameters

DERIVED = {"minutes": "duration / 60", "older": "age + 1", "hours": "minutes / 60"}
COUNTS = {"alike": ["job"], "as_long": ["job", "hours"], "of_those": ["as_long"]}


def test_what_is_derived_from_a_late_column_goes_with_it(
    rows: DataFrame, parameters: Parameters
) -> None:
    columns = parameters.data.columns.model_copy(
        update={"numeric": ["age", "duration", *DERIVED, *COUNTS]}
    )
    data = parameters.data.model_copy(update={"columns": columns})
    features = parameters.features.model_copy(update={"derived": DERIVED, "counts": COUNTS})
    left, features = without_columns(rows, ["duration"], data, features)
    assert left.columns.drop == [*columns.drop, "duration"]
    assert left.columns.numeric == ["age", "older", "alike"]
    assert left.columns.categorical == columns.categorical
    assert features.derived == {"older": "age + 1"}
    assert features.counts == {"alike": ["job"]}


def test_columns_chosen_by_type_stay_so(rows: DataFrame, parameters: Parameters) -> None:
    columns = parameters.data.columns.model_copy(update={"numeric": "auto"})
    data = parameters.data.model_copy(update={"columns": columns})
    left, _ = without_columns(rows, ["duration"], data, parameters.features)
    assert left.columns.numeric == "auto"


def test_only_columns_that_reach_the_inputs_are_late(
    rows: DataFrame, parameters: Parameters
) -> None:
    def late(
        numeric: list[str] | str,
        texts: str | None = None,
        drop: list[str] | None = None,
        **derived: str,
    ) -> list[str]:
        lists: dict[str, object] = {"numeric": numeric, "drop": drop or []}
        lists |= {"categorical": texts} if texts else {}
        columns = parameters.data.columns.model_copy(update=lists)
        data = parameters.data.model_copy(update={"columns": columns})
        features = parameters.features.model_copy(update={"derived": derived})
        return leakage_columns(rows, data, features)

    assert late(["age", "duration"]) == late("auto") == ["duration"]
    assert late(["age", "duration"], "auto") == ["duration"]
    assert late(["age"]) == late(["age"], "auto") == []
    assert late(["age", "minutes"], minutes="duration / 60") == ["duration"]
    assert late(["age", "minutes"], drop=["duration"], minutes="duration / 60") == ["duration"]
    assert late("auto", drop=["duration"]) == []
    assert leakage_columns(rows.drop("duration"), parameters.data, parameters.features) == []


def test_columns_of_the_same_weeks_are_found_behind_what_is_made_of_them(
    rows: DataFrame, parameters: Parameters
) -> None:
    def found(numeric: list[str], **derived: str) -> list[str]:
        columns = parameters.data.columns.model_copy(update={"numeric": numeric, "drop": []})
        data = parameters.data.model_copy(update={"columns": columns})
        features = parameters.features.model_copy(update={"derived": derived})
        return inputs_available("same_period", rows.withColumn("day", F.lit(1)), data, features)

    assert found(["age", "day"]) == found(["age", "twice"], twice="2 * day") == ["day"]
    assert found(["age"]) == []


def test_a_wrong_expression_is_named_beside_a_column_of_the_same_weeks(
    rows: DataFrame, parameters: Parameters
) -> None:
    columns = parameters.data.columns.model_copy(update={"drop": []})
    data = parameters.data.model_copy(update={"columns": columns})
    wrong = parameters.features.model_copy(update={"derived": {"x": "agee + 1"}})
    with pytest.raises(ParameterError, match=r"features\.derived\.x"):
        fit_feature_model(rows.withColumn("day", F.lit(1)), data, wrong)

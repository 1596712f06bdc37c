"""What the report says about the data itself."""

from bank_spark_dl.ml.monitoring.profile import ColumnProfile, DataProfile
from bank_spark_dl.pipelines.reporting.data_quality import leakage_sentence, quality_sentence


def profile(**nulls: int) -> DataProfile:
    columns = {name: ColumnProfile(100 - n, n, 5, "exact") for name, n in nulls.items()}
    return DataProfile("t.csv", "0", False, rows=100, columns=columns)


def test_missing_values_are_named_the_most_first() -> None:
    assert quality_sentence(profile(a=2, b=0, c=40), []) == (
        "Values are missing in c (40.0%), a (2.0%)."
    )


def test_a_table_without_gaps_is_said_to_be_so() -> None:
    assert quality_sentence(profile(a=0), ["b", "a"]) == "No value is missing. Not used: a, b."


def test_a_long_list_is_cut() -> None:
    said = quality_sentence(profile(), [f"c{number}" for number in range(7)])
    assert said.endswith("c4 and 2 more.")


def test_a_column_that_foretells_the_label_is_named() -> None:
    said = leakage_sentence({"outcome code": 0.9951})
    assert said is not None
    assert "outcome code (AUC 0.995)" in said
    assert leakage_sentence({}) is None

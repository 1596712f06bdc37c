"""Names in expressions of Spark SQL."""

import pytest

from bank_spark_dl.spark.sql import names_in, names_read


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("day + pdays", {"day", "pdays"}),
        ("month(seen) - day_of_year", {"seen", "day_of_year"}),
        ("`a.b` + `c``d`", {"a.b", "c`d"}),
        ("concat('day', \"month\", 'it\\'s day')", set()),
        ("größe.field", {"größe", "field"}),
        ("month (seen)", {"seen"}),
        ("seen + interval 1 day 2 hours - day", {"seen", "day"}),
        ("seen - INTERVAL '1-2' YEAR TO MONTH", {"seen"}),
        ("seen + interval -3 days + days", {"seen", "days"}),
        ("extract(day FROM seen) + week", {"seen", "week"}),
        ("timestampadd(month, month, seen)", {"month", "seen"}),
        ("CAST(seen AS date) > date '2026-01-01'", {"seen"}),
        ("date_add(day, 1)", {"day"}),
    ],
)
def test_texts_functions_types_and_units_are_no_names(expression: str, names: set[str]) -> None:
    assert names_in(expression) == names


def test_what_an_expression_before_makes_is_not_read() -> None:
    assert names_read({"day": "DAY(seen)", "double": "2 * day", "x": "y"}) == {"seen", "y"}

"""Group columns from which something is derived together."""

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame

from bank_spark_dl.ml.features.dependencies import raw_columns
from bank_spark_dl.parameters import FeatureOptions


def derived_groups(
    rows: DataFrame, columns: Sequence[str], derived: Mapping[str, str]
) -> list[list[str]]:
    """Put columns that one derived column needs into one group, without a Spark job.

    The difference of two dates, say, has no meaning if one of them is another row's.

    Args:
        rows: Clean rows; raw columns have their carried names, see ml.column_names.
        columns: Columns of the rows.
        derived: Expressions in Spark SQL over raw columns and the derived ones before them.

    Returns:
        Each column once, in one group; groups and their columns in the columns' order.
    """
    groups = [[name] for name in columns]
    for needed in raw_columns(rows, derived, {}).values():
        together = [group for group in groups if needed & set(group)]
        if len(together) > 1:
            joined = [name for name in columns if any(name in group for group in together)]
            place = groups.index(together[0])
            groups = [group for group in groups if group not in together]
            groups.insert(place, joined)
    return groups


def split_counts(
    rows: DataFrame, groups: Sequence[Sequence[str]], features: FeatureOptions
) -> dict[str, list[str]]:
    """Return the counts whose columns lie in several groups, with their columns.

    Shuffling one of these groups makes combinations that no train row has. They are not put into
    one group: a new row may have such a combination as well, and a count of it is 0.

    Args:
        rows: Clean rows.
        groups: The answer of derived_groups.
        features: The derived columns, and what is counted by which columns.
    """
    needed = raw_columns(rows, features.derived, features.counts)
    return {
        count: list(by)
        for count, by in features.counts.items()
        if sum(1 for group in groups if needed[count] & set(group)) > 1
    }

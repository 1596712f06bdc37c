"""Which columns of a clean table are features."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.profile import number_columns, text_columns
from bank_spark_dl.params import ColumnOptions

ROW_ID = "row_id"
LABEL_INDEX = "label_index"
FEATURES = "features"


@dataclass(frozen=True)
class FeatureColumns:
    """Names of the columns that become inputs, in the order of the inputs."""

    categorical: tuple[str, ...]
    numeric: tuple[str, ...]


def choose_columns(frame: DataFrame, options: ColumnOptions) -> FeatureColumns:
    """Take the feature lists as given, or by column type where they say `auto`.

    Args:
        frame: Clean rows.
        options: The parameters `data.columns`.

    Returns:
        Both lists; neither holds the id, the label or a dropped column.

    Raises:
        ParameterError: A named column is not there or has the wrong type, or no column is left.
    """
    others = {ROW_ID, options.label, *options.drop}
    found = FeatureColumns(
        _choose("categorical", options.categorical, text_columns(frame), others),
        _choose("numeric", options.numeric, number_columns(frame), others),
    )
    if not found.categorical + found.numeric:
        raise ParameterError(
            "data.columns.categorical and data.columns.numeric choose no column: name at least one."
        )
    return found


def _choose(
    key: str, named: list[str] | str, typed: Sequence[str], others: set[str]
) -> tuple[str, ...]:
    available = [name for name in typed if name not in others]
    if isinstance(named, str):
        return tuple(available)
    wrong = [name for name in named if name not in available]
    if wrong:
        raise ParameterError(
            f"data.columns.{key} names {', '.join(wrong)}, but the {key} columns of the clean "
            f"table are {', '.join(available) or 'none'}: change the list, the schema or "
            "data.columns.drop."
        )
    return tuple(named)

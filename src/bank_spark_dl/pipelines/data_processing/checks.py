"""Check that the configured columns fit the table."""

from collections.abc import Collection

from pyspark.sql import DataFrame

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import ORDER
from bank_spark_dl.ml.splits.time import check_time
from bank_spark_dl.ml.statistics import number_columns
from bank_spark_dl.parameters import DataOptions


def check_columns(raw: DataFrame, source: str, options: DataOptions) -> None:
    """Check what `data` says about columns, without a Spark job.

    Args:
        raw: Rows that fit the declared schema.
        source: Where they come from, for messages.
        options: Names columns.

    Raises:
        ParameterError: A configured column is not in the table or of the wrong type; or
            `data.purpose` is call_list, and
            a column is known only after the call or `data.availability` does not name it.
    """
    _check_presence(raw, source, options)
    if options.columns.time:
        check_time(options.columns.time, raw.schema[options.columns.time].dataType)
    _check_segments(raw, source, options)
    if options.purpose == "call_list":
        _check_call_list(raw, options)


def check_read(names: Collection[str], options: DataOptions) -> None:
    """Check columns that are no inputs, but of which `features` makes some.

    Args:
        names: The columns.
        options: Says when they are known.

    Raises:
        ParameterError: One is the order of the rows; or `data.purpose` is call_list, and one is not
            known before the call.
    """
    if ORDER in names:
        raise ParameterError(
            f"features.derived or features.counts reads '{ORDER}', but a row to score has no place "
            "among the rows: take it out, or use a column of dates, times or numbers."
        )
    late = sorted(n for n in names if options.availability.get(n, "after_call") == "after_call")
    if late and options.purpose == "call_list":
        raise ParameterError(
            "data.purpose is call_list, but features.derived or features.counts reads "
            f"{', '.join(late)}, and data.availability does not say that it is known before the "
            "call: say so there, read another column, or set data.purpose to benchmark."
        )


def _used(options: DataOptions) -> list[str]:
    columns = options.columns
    named = (columns.id, columns.time, columns.group, options.weight)
    return [columns.label, *columns.drop, *(name for name in named if name)]


def _check_presence(raw: DataFrame, source: str, options: DataOptions) -> None:
    missing = [name for name in _used(options) if name not in raw.columns]
    if ORDER in missing:
        raise ParameterError(
            f"data.columns.time is '{ORDER}', but the rows of {source} are not numbered: add "
            "`order: true` to the load_args of bank_raw in the catalog."
        )
    if missing == [options.weight]:
        raise ParameterError(
            f"data.weight is {options.weight}, but {source} has the columns "
            f"{', '.join(raw.columns)}: name one of them, or null."
        )
    if missing:
        raise ParameterError(
            f"data.columns names {', '.join(missing)}, but {source} has the columns "
            f"{', '.join(raw.columns)}: change id, label, drop, time or group in data.columns."
        )


def _check_segments(raw: DataFrame, source: str, options: DataOptions) -> None:
    absent = [part.column for part in options.segments if part.column not in raw.columns]
    if absent:
        raise ParameterError(
            f"data.segments names {', '.join(absent)}, but {source} has the columns "
            f"{', '.join(raw.columns)}: name others there, or none."
        )
    numbers = number_columns(raw)
    with_edges = [part.column for part in options.segments if part.edges is not None]
    texts = [name for name in with_edges if name not in numbers]
    if texts:
        raise ParameterError(
            f"data.segments gives edges for {', '.join(texts)}, which holds no numbers: leave the "
            "edges out, for a segment for each value."
        )


def _check_call_list(raw: DataFrame, options: DataOptions) -> None:
    late = [name for name in options.leakage_columns() if name in raw.columns]
    if late:
        raise ParameterError(
            f"data.purpose is call_list, but {', '.join(late)} is known only after the call: add "
            "it to data.columns.drop, or set data.purpose to benchmark."
        )
    unknown = [name for name in raw.columns if name not in {*_used(options), *options.availability}]
    if unknown:
        raise ParameterError(
            f"data.purpose is call_list, but data.availability does not say when "
            f"{', '.join(unknown)} is known: name it there, or in data.columns.drop."
        )

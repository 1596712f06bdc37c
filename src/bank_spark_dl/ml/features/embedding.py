"""Turn categories into indices, which an Embedding of the network reads.

Index 0 is every category without an index of its own: unseen, rare and, where no category stands
for it, missing. The others are 1, 2, ..., the most frequent category of the train rows first.
"""

from collections.abc import Sequence
from typing import Any, Final

from pyspark.ml.feature import OneHotEncoderModel, SQLTransformer, StringIndexerModel

from bank_spark_dl.errors import InputDataError
from bank_spark_dl.ml.features.inputs import VALUE, inner_name, unseen_text
from bank_spark_dl.spark.sql import quoted

INDEX: Final = "index"
EMBEDDED: Final = "embedded"
LARGEST_INDEX: Final = 2**24 - 1
"""Whole numbers up to here are exact in float32, the type of the network's inputs."""


def embedding_stages(
    indexer: StringIndexerModel, names: Sequence[str], *, strict: bool
) -> tuple[list[Any], list[str]]:
    """Make the stages that turn columns into indices, and name what is to be assembled.

    Args:
        indexer: Knows the categories of the columns.
        names: Raw names of the columns.
        strict: Whether to refuse categories without an index.

    Raises:
        InputDataError: A column has more categories than float32 can tell apart.
    """
    indexer.setHandleInvalid("keep")
    outputs = [inner_name(EMBEDDED, name) for name in names]
    added = []
    for name, output, size in zip(names, outputs, table_sizes(indexer), strict=True):
        if size - 1 > LARGEST_INDEX:
            raise InputDataError(
                f"The column '{name}' has {size - 1:,} categories, and an index of an embedding is "
                f"at most {LARGEST_INDEX:,}: set a lower features.categories.max_categories."
            )
        added.append(f"{_index_sql(name, size, strict)} AS {quoted(output)}")
    # Spark notes all categories in the schema beside the column of the index: it goes.
    gone = ", ".join(quoted(inner_name(INDEX, name)) for name in names)
    statement = f"SELECT * EXCEPT ({gone}), {', '.join(added)} FROM __THIS__"
    return [indexer, SQLTransformer(statement=statement)], outputs


def embedding_indexer(stages: Sequence[Any]) -> StringIndexerModel | None:
    """Return the fitted stage whose indices an Embedding reads; None with one-hot encoding."""
    if any(isinstance(stage, OneHotEncoderModel) for stage in stages):
        return None
    return next((stage for stage in stages if indexes_categories(stage)), None)


def table_sizes(indexer: StringIndexerModel | None) -> list[int]:
    """Return how many indices each column has: one for each category, and 0 for all others."""
    model: Any = indexer
    if model is None:
        return []
    return [len(labels) + 1 for labels in model._java_obj.labelsArray()]  # they stay in the JVM


def indexes_categories(stage: object) -> bool:
    """Tell a stage that indexes categories from the label's."""
    return isinstance(stage, StringIndexerModel) and bool(stage.isSet("inputCols"))


def _index_sql(name: str, size: int, strict: bool) -> str:
    """Write the index; Spark's own begins at 0 and ends with that of unseen categories."""
    index = quoted(inner_name(INDEX, name))
    if not strict:
        return f"pmod({index} + 1D, {size}D)"
    refusal = unseen_text(quoted(inner_name(VALUE, name)), name)
    return f"IF({index} < {size - 1}D, {index} + 1D, {refusal})"

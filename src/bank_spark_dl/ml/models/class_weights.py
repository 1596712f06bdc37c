"""Weights of classes in the loss."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from bank_spark_dl.distributed.data.counts import WEIGHT_SUM
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.ml.column_names import LABEL_INDEX, WEIGHT
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import ElephasOptions

_SHOWN = 5


def class_weights(
    train_features: DataFrame, target: Target, options: ElephasOptions
) -> dict[int, float] | None:
    """Return the weight of each class by its `label_index`; None where all weigh the same.

    Args:
        train_features: Vectors; counted in a Spark job if the weights are to be `balanced`.
        target: Has the classes.
        options: Name the weights; a class that is not named weighs 1.0.

    Raises:
        ParameterError: A weight is named for a class that is not there.
    """
    if not target.classes or options.class_weights_are_equal():
        return None
    if options.class_weights == "balanced":
        return _balanced(train_features)
    given = options.class_weights.model_dump()
    names = ("negative", "positive") if target.task == "binary" else target.classes
    unknown = [name for name, weight in given.items() if name not in names and weight != 1.0]
    if unknown:
        shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        raise ParameterError(
            f"elephas.class_weights names {', '.join(unknown)}, but the classes of the label "
            f"'{target.column}' are {shown}: name some of them."
        )
    return {index: given.get(name, 1.0) for index, name in enumerate(names)}


def _balanced(rows: DataFrame) -> dict[int, float]:
    """Give each class the same sum of weights, as scikit-learn's `class_weight="balanced"` does.

    A row that has a weight counts by it; their sum does not depend on the order of the rows.
    """
    each = F.col(WEIGHT) if WEIGHT in rows.columns else F.lit(1.0)
    each = each.cast(WEIGHT_SUM)
    totals = {
        int(row[LABEL_INDEX]): float(row["total"])
        for row in rows.groupBy(LABEL_INDEX).agg(F.sum(each).alias("total")).collect()
    }
    mean = sum(totals.values()) / len(totals)
    return {index: mean / total if total else 0.0 for index, total in sorted(totals.items())}

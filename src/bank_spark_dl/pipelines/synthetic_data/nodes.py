"""Draw synthetic rows: column after column, each given the ones that it depends on."""

from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sf

from bank_spark_dl.parameters import SyntheticOptions
from bank_spark_dl.pipelines.synthetic_data.figures import (
    Categories,
    Figures,
    Histogram,
    Label,
    figures_sha256,
    load_figures,
)
from bank_spark_dl.pipelines.synthetic_data.sampling import (
    band_number,
    draw_outcome,
    look_up,
    uniform,
)

GENERATOR_VERSION = 1  # increase it whenever the same seed gives other rows than before
ROWS_PER_FILE = 100_000
COLUMNS = (
    *("id", "age", "job", "marital", "education", "default", "balance", "housing", "loan"),
    *("contact", "day", "month", "duration", "campaign", "pdays", "previous", "poutcome"),
    "deposit",
)


def generate_rows(options: SyntheticOptions) -> tuple[DataFrame, dict[str, Any]]:
    """Draw rows like those of the real file.

    Args:
        options: How many rows, and the seed.

    Returns:
        The rows, lazy, one partition per file of at most 100,000 rows, ordered by id from 1, with
        the real file's 18 columns; and the facts that mark them as synthetic.
    """
    spark = SparkSession.builder.getOrCreate()
    partitions = -(-options.rows // ROWS_PER_FILE)
    ids = spark.range(1, options.rows + 1, numPartitions=partitions)
    facts = {
        "synthetic": True,
        "generator": __package__,
        "version": GENERATOR_VERSION,
        "rows": options.rows,
        "seed": options.seed,
        "figures_sha256": figures_sha256(),
    }
    return draw_columns(ids, load_figures(), options.seed), facts


def draw_columns(ids: DataFrame, figures: Figures, seed: int) -> DataFrame:
    """Draw all columns for the rows of these ids.

    Args:
        ids: One bigint column `id`, however it is partitioned.
        figures: What to draw from.
        seed: Seed of all draws.

    Returns:
        The ids' rows with the real file's columns, strings and ints.
    """
    drawn = ids
    # Categories are numbers until the end: a parent's number is an index into its child's shares.
    # `draw` is a column, so that Spark does not hash again wherever an expression mentions it.
    for name, column in figures.columns.items():
        drawn = drawn.withColumn("draw", uniform(seed, name))
        match column:
            case Label():
                drawn = drawn.withColumn("logit", _logit(column, figures))
                chance = 1 / (1 + sf.exp(-sf.col("logit")))
                drawn = drawn.withColumn(name, (sf.col("draw") < chance).cast("int"))
            case Categories():
                drawn = drawn.withColumn(name, _outcome(column, figures))
            case Histogram():
                drawn = drawn.withColumn("bin", _outcome(column, figures))
                within = uniform(seed, f"{name} in bin")
                drawn = drawn.withColumn(name, _inside_bin(column, within))
    return drawn.select(*(_finished(name, figures) for name in COLUMNS))


def _outcome(column: Categories | Histogram, figures: Figures) -> Column:
    """Draw a column's category or bin, given its parents."""
    shares = [column.shares[group] for group in figures.groups(column.given)]
    return draw_outcome(sf.col("draw"), _group(column.given, figures), shares)


def _inside_bin(column: Histogram, draw: Column) -> Column:
    """Draw an integer evenly from the bin that `bin` numbers."""
    lower, upper = column.edges[:-1], column.edges[1:]
    widths = [high - low for low, high in zip(lower, upper, strict=True)]
    step = sf.floor(draw * look_up(widths, sf.col("bin")))
    return look_up(lower, sf.col("bin")) + step.cast("int")


def _logit(label: Label, figures: Figures) -> Column:
    """Add up what a row's factors contribute to the label's log-odds."""
    logit = sf.lit(label.intercept)
    for effect in label.effects:
        logits = [effect.logits[group] for group in figures.groups(effect.of)]
        logit = logit + look_up(logits, _group(effect.of, figures))
    return logit


def _group(factors: tuple[str, ...], figures: Figures) -> Column:
    """Number the group that a row's factors make, in the order of `Figures.groups`."""
    number = sf.lit(0)
    for factor in factors:
        band = figures.bands.get(factor)
        code = band_number(sf.col(band.of), band.lower) if band else sf.col(factor)
        number = number * len(figures.groups((factor,))) + code
    return number


def _finished(name: str, figures: Figures) -> Column:
    """Turn a category's number into its name; numbers stay as they are."""
    column = figures.columns.get(name)
    if isinstance(column, Categories | Label):
        return look_up(column.values, sf.col(name)).alias(name)
    return sf.col(name).cast("int")

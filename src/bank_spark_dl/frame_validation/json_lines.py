"""Parse lines of JSON."""

from collections.abc import Collection

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf
from pyspark.sql.types import (
    BooleanType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    StructField,
    StructType,
)

from bank_spark_dl.csv_validation.columns import MALFORMED, REPLACEMENT
from bank_spark_dl.spark.sql import quoted

Fields = list[tuple[StructField, str]]  # declared, and the name in the files
_OURS = [f"{REPLACEMENT}{name}" for name in ("line", "keys", "typed", "texts")]
_LINE, _KEYS, _TYPED, _TEXTS = _OURS


def has_type(field: StructField) -> bool:
    """Return whether JSON has a type for a column's values; dates, say, are texts there."""
    return isinstance(field.dataType, IntegralType | DoubleType | FloatType | BooleanType)


def parsed(
    lines: DataFrame, fields: Fields, places: list[Column], known: Collection[str], texts: bool
) -> DataFrame:
    """Return the columns of lines that are not blank, and what is malformed.

    Args:
        lines: The texts, in the column ``value``.
        fields: What to read.
        places: Further columns of the lines.
        known: Keys that a line may have.
        texts: Whether to return values as texts. Malformed is then what is no JSON object; else
            also a line with a value of another type or with unknown or doubled keys.
    """
    typed = _struct(fields, _TYPED, as_texts=False)
    filled = lines.where("trim(value) != ''")
    if not texts:
        names = sf.json_object_keys("value").alias(_KEYS)
        rows = filled.select(typed, names, sf.col("value").alias(_LINE), *places)
        return rows.select(*_typed(fields), _malformed_or_odd(fields, known), *_others(rows))
    rows = filled.select(typed, _struct(fields, _TEXTS, as_texts=True), *places)
    malformed = sf.expr(f"{quoted(_TEXTS)}.{quoted(MALFORMED)} AS {quoted(MALFORMED)}")
    return rows.select(*(_text(*field) for field in fields), malformed, *_others(rows))


def keys(lines: DataFrame) -> tuple[set[str], set[str]]:
    """Return all keys of lines, and those that stand twice in a line."""
    numbered = lines.select(
        sf.monotonically_increasing_id().alias("line"), sf.json_object_keys("value").alias("keys")
    )
    names = numbered.select("line", sf.explode("keys").alias("key"))
    counts = names.groupBy("line", "key").count().groupBy("key").agg(sf.max("count"))
    found = {str(key): int(times) for key, times in counts.collect()}
    return {*found}, {key for key, times in found.items() if times > 1}


def _struct(fields: Fields, alias: str, *, as_texts: bool) -> Column:
    schema = StructType([StructField(MALFORMED, StringType())])
    for field, name in fields:
        kind = field.dataType if has_type(field) and not as_texts else StringType()
        schema.add(StructField(name, kind))
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": MALFORMED}
    return sf.from_json("value", schema, options).alias(alias)


def _typed(fields: Fields) -> list[Column]:
    columns = []
    for field, name in fields:
        value = f"{quoted(_TYPED)}.{quoted(name)}"
        if isinstance(field.dataType, DoubleType | FloatType):
            value = f"nanvl({value}, NULL)"
        columns.append(sf.expr(f"{value} AS {quoted(field.name)}"))
    return columns


def _malformed_or_odd(fields: Fields, known: Collection[str]) -> Column:
    keys = sf.col(_KEYS)
    allowed = sf.array(*map(sf.lit, sorted({*known, *(name for _, name in fields)})))
    odd = sf.size(sf.array_intersect(keys, allowed)) < sf.size(keys)  # unknown, or doubled
    corrupt = sf.expr(f"{quoted(_TYPED)}.{quoted(MALFORMED)}")
    return sf.coalesce(corrupt, sf.when(odd, sf.col(_LINE))).alias(MALFORMED)


def _text(field: StructField, name: str) -> Column:
    text, value = (f"{quoted(struct)}.{quoted(name)}" for struct in (_TEXTS, _TYPED))
    if not has_type(field):
        return sf.expr(f"{text} AS {quoted(field.name)}")
    kind = field.dataType.simpleString()
    nan = f"WHEN isnan({value}) THEN NULL" if kind in ("double", "float") else ""
    return sf.expr(
        f"CASE {nan} WHEN {value} IS NULL AND try_cast({text} AS {kind}) IS NOT NULL "
        f"THEN concat('\"', {text}, '\"') ELSE {text} END AS {quoted(field.name)}"
    )


def _others(rows: DataFrame) -> list[str]:
    return [quoted(name) for name in rows.columns if name not in _OURS]

"""Advise what to do about invalid values."""

import re
from unicodedata import category

from pyspark.sql.types import (
    ByteType,
    DataType,
    DecimalType,
    IntegerType,
    LongType,
    NumericType,
    ShortType,
    StructField,
)

from bank_spark_dl.csv_validation.columns import REPLACEMENT
from bank_spark_dl.csv_validation.options import CSVOptions

_LIMITS: dict[type[DataType], int] = {
    ByteType: 2**7,
    ShortType: 2**15,
    IntegerType: 2**31,
    LongType: 2**63,
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,234 may mean 1234 or 1.234
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_BOTH = re.compile(r"[+-]?\d{1,3}([.'’\s]\d{3})+,\d+")  # 1.234,5
_THOUSANDS = re.compile(
    r"[+-]?\d{1,3}((,\d{2,3})+,\d{3}(\.\d*)?|(,\d{3})+\.\d*|(['’_\s]\d{3})+(\.\d*)?|(\.\d{3}){2,})"
)
_DECIMALS = re.compile(r"[+-]?\d+[.,]?\d*")
_AMOUNT = re.compile(r"[+-]?\d[\d.,'’_\s]*")
_CODE = re.compile(r"^[A-Z]{3}(?![A-Z])|(?<![A-Z])[A-Z]{3}$")  # EUR and the like


def advice(field: StructField, values: list[str | None], form: CSVOptions) -> str:
    """Say what to do about a column's invalid texts, most telling cause first."""
    texts = [value for value in values if value is not None and value not in form.missing_values]
    if any(REPLACEMENT in text for text in texts):
        return "The file is not in the declared encoding: save it as UTF-8, or set encoding."
    if isinstance(field.dataType, NumericType) and any(map(_is_written_as_money, texts)):
        return (
            "Write numbers as digits alone, without currency signs, brackets (a minus sign stands "
            "for them) and separators between thousands."
        )
    if form.decimal == "," and any("." in text and _AMOUNT.fullmatch(text) for text in texts):
        return (
            "Write decimals with a comma, as decimal in load_args says, and thousands without a "
            "separator."
        )
    if isinstance(field.dataType, NumericType) and (said := _about_separators(field, texts)):
        return said
    if any(_too_large(field.dataType, text) for text in texts):
        return "Correct these values, or declare a wider type (long or double) in the schema."
    if isinstance(field.dataType, DecimalType) and any(map(_DECIMALS.fullmatch, texts)):
        return "Correct these values, or declare a type with more digits in the schema."
    if not texts:
        return "Fill these fields, or declare the column nullable in the schema."
    return "Correct these values, or change the column in the schema."


def _is_written_as_money(text: str) -> bool:
    """Tell whether a text is a number with a currency beside it, or in brackets: (1,234)."""
    inside = re.sub(r"^\((.*)\)$", r"\1", text.strip())
    bare = _CODE.sub("", "".join(c for c in inside if category(c) != "Sc").strip()).strip()
    return bare != text.strip() and _AMOUNT.fullmatch(bare) is not None


def _about_separators(field: StructField, texts: list[str]) -> str | None:
    """Say how to write numbers with commas and the like; None where that is not the matter.

    A comma before three digits may be either separator. Other values of the column tell which, if
    they can be one only.
    """
    whole = isinstance(field.dataType, tuple(_LIMITS))
    either = [text for text in texts if _EITHER.fullmatch(text)]
    decimals = [text for text in texts if _DECIMAL_COMMA.fullmatch(text) and text not in either]
    both = any(map(_BOTH.fullmatch, texts))
    thousands = any(map(_THOUSANDS.fullmatch, texts))
    if both and not thousands and not whole:
        return "Write decimals with a point, and thousands without a separator."
    if thousands and not decimals and not both:
        return "Write numbers without separators between thousands."
    if decimals and not thousands:
        return None if whole else "Write decimals with a point."
    if not either:
        return None
    text = either[0]
    return (
        f"The comma in {text!r} may stand between thousands or before decimals: write it as "
        f"{text.replace(',', '')} or as {text.replace(',', '.')}, whichever is meant, and all "
        "others alike."
    )


def _too_large(data_type: DataType, text: str) -> bool:
    limit = _LIMITS.get(type(data_type))
    is_whole = re.fullmatch(r"[+-]?\d{1,4000}", text) is not None
    return limit is not None and is_whole and not -limit <= int(text) < limit

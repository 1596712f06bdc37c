"""Tell whether values of a file's type can be read as the type that is declared."""

from pyspark.sql.types import (
    ByteType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    TimestampNTZType,
    TimestampType,
)

# Digits that each type of whole numbers may have.
_DIGITS: dict[type[DataType], int] = {ByteType: 3, ShortType: 5, IntegerType: 10, LongType: 19}
_EXACT_DIGITS: dict[type[DataType], int] = {FloatType: 5, DoubleType: 10}  # of whole numbers


def fits(found: DataType, declared: DataType) -> bool:
    """Return whether each value of a type has its exact counterpart in the declared one."""
    if found == declared or isinstance(found, NullType):
        return True
    if isinstance(found, TimestampNTZType):
        return isinstance(declared, TimestampType)
    if isinstance(found, FloatType):
        return isinstance(declared, DoubleType)
    if isinstance(found, DecimalType):
        return _whole(declared) >= found.precision - found.scale and _scale(declared) >= found.scale
    digits = _DIGITS.get(type(found))
    limit = _EXACT_DIGITS.get(type(declared), _whole(declared))
    return digits is not None and digits <= limit


def _whole(declared: DataType) -> int:
    """Return how many digits a number may have before the point; -1 for other types."""
    if isinstance(declared, DecimalType):
        return declared.precision - declared.scale
    return _DIGITS.get(type(declared), -1)


def _scale(declared: DataType) -> int:
    return declared.scale if isinstance(declared, DecimalType) else -1

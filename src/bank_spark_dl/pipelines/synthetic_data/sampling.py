"""Draw at random by Spark SQL expressions: pure functions of seed, row and column name."""

from collections.abc import Sequence
from functools import reduce
from operator import add

from pyspark.sql import Column
from pyspark.sql import functions as sf

ROW = "id"


def uniform(seed: int, name: str) -> Column:
    """Draw evenly from [0, 1): 53 bits of a hash of (seed, row, name).

    No state and no order of rows is involved, so partitions and cores cannot change a draw.
    """
    bits = sf.shiftrightunsigned(sf.xxhash64(sf.lit(seed), sf.col(ROW), sf.lit(name)), 11)
    return bits * sf.lit(2.0**-53)


def alias_table(shares: Sequence[float]) -> tuple[list[float], list[int]]:
    """Prepare drawing from a discrete distribution in constant time.

    Walker's alias method (A. J. Walker, ACM TOMS 3, 1977): n slots of equal size, each shared by
    at most two outcomes.

    Args:
        shares: Probabilities of the n outcomes, adding up to 1.

    Returns:
        Per slot the part of it, in [0, 1], that keeps its own outcome, and the other outcome.
    """
    keep = [share * len(shares) for share in shares]
    other = list(range(len(shares)))
    small = [i for i, part in enumerate(keep) if part < 1]
    large = [i for i, part in enumerate(keep) if part >= 1]
    while small and large:
        low, high = small.pop(), large[-1]
        other[low] = high
        keep[high] -= 1 - keep[low]
        if keep[high] < 1:
            small.append(large.pop())
    # The remaining slots differ from 1 by rounding only; outcomes of share 0 are not among them.
    for i in small + large:
        keep[i] = 1.0
    return keep, other


def draw_outcome(u: Column, group: Column, shares: Sequence[Sequence[float]]) -> Column:
    """Draw an outcome's number.

    Args:
        u: Even draw from [0, 1).
        group: Which row of shares counts, from 0.
        shares: Probabilities, (groups, outcomes).

    Returns:
        Integers from 0 to outcomes - 1.
    """
    outcomes = len(shares[0])
    tables = [alias_table(row) for row in shares]
    slot = sf.floor(u * outcomes).cast("int")
    cell = group * outcomes + slot
    stays = u * outcomes - slot < look_up([part for keep, _ in tables for part in keep], cell)
    return sf.when(stays, slot).otherwise(look_up([i for _, other in tables for i in other], cell))


def look_up(values: Sequence[float] | Sequence[int] | Sequence[str], index: Column) -> Column:
    """Look up values[index].

    The values travel as one string, which Spark folds into a constant array: a literal for each
    of some thousand values would keep its planner busy longer than the rows.
    """
    kind = {float: "double", int: "int", str: "string"}[type(values[0])]
    constant = sf.split(sf.lit(",".join(map(str, values))), ",").cast(f"array<{kind}>")
    return sf.get(constant, index)


def band_number(value: Column, lower: Sequence[float]) -> Column:
    """Number the band that a value lies in, from 0; lower bounds belong to their band."""
    return reduce(add, ((value >= bound).cast("int") for bound in lower[1:]), sf.lit(0))

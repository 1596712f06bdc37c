"""The section `scoring`: rows to score, where scores are written, drift."""

from typing import Literal

from pydantic import PositiveFloat

from bank_spark_dl.parameters.fields import ClosedFraction, Name, Section


class DriftOptions(Section):
    """When a column has drifted from the train rows: above one of these thresholds.

    Attributes:
        psi: Population stability index, above 0.
        unseen: Fraction of rows whose category no train row has, [0, 1].
        out_of_range: Fraction of rows outside the range of the train rows, [0, 1].
        action: What drift does: nothing but a report (`ignore`), a warning (`warn`), or no scores
            (`stop`).
    """

    psi: PositiveFloat
    unseen: ClosedFraction
    out_of_range: ClosedFraction
    action: Literal["ignore", "warn", "stop"]


class ScoringOptions(Section):
    """Rows to score and where scores are written, both read by the catalog; drift.

    Attributes:
        input: Path of the raw rows.
        output: Path of the scores.
        drift: When a column has drifted.
    """

    input: Name
    output: Name
    drift: DriftOptions

"""The section `reporting`: plots, permutation importance, the decision whom to call."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from bank_spark_dl.parameters.fields import Section


class DecisionOptions(Section):
    """What a call costs and brings; all amounts in one currency.

    Attributes:
        call_cost: Cost of a call, above 0.
        deposit_value: Value of a deposit, above 0.
        budget: Most that calls may cost per 1,000 people, at least 0; None: no limit.
        bootstrap: Resamples behind the interval of the best threshold, 100 to 100000.
    """

    call_cost: PositiveFloat
    deposit_value: PositiveFloat
    budget: NonNegativeFloat | None
    bootstrap: Annotated[int, Field(ge=100, le=100_000)]


class ReportingOptions(Section):
    """How results are shown.

    Attributes:
        curve_points: Points of the ROC curve, 10 to 10000.
        importance_rows: Test rows for permutation importance, at most; 2 to 100000.
        importance_repeats: Permutations of each column, at least 1.
        decision: What a call costs and brings; None: nobody is called.
    """

    curve_points: Annotated[int, Field(ge=10, le=10_000)]
    importance_rows: Annotated[int, Field(ge=2, le=100_000)]  # ordered in one task
    importance_repeats: PositiveInt
    decision: DecisionOptions | None

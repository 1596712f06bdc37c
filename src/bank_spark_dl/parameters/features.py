"""The section `features`: how columns become one vector of numbers."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from bank_spark_dl.parameters.fields import Name, Section

MOST_BINS = 1000
"""Bins of a column: Spark cannot parse much longer sums."""
Bins = Annotated[int, Field(ge=2, le=MOST_BINS)]
DatePart = Literal["year", "month", "day_of_month", "day_of_week", "hour", "days_since_newest"]
Fill = Annotated[float, Field(ge=-1e12, le=1e12)]


class SkewOptions(Section):
    """Which numeric columns are standardized: those with a statistic outside of a range.

    Attributes:
        statistic: Computed over the train rows; kurtosis is excess kurtosis, 0 for a normal
            distribution.
        lower: Lowest value of a column that stays as it is.
        upper: Highest value of a column that stays as it is.
    """

    statistic: Literal["skewness", "kurtosis"]
    lower: float
    upper: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower}) must not be above upper ({self.upper})")
        return self


class StandardizeOptions(Section):
    """Arguments of Spark ML's StandardScaler, fitted to the train rows.

    Attributes:
        with_mean: Subtract the mean.
        with_std: Divide by the standard deviation.
    """

    with_mean: bool
    with_std: bool


class PiecewiseLinearOptions(Section):
    """Piecewise-linear encoding of the numeric columns, by quantile bins of the train rows.

    Attributes:
        bins: Bins of a column, 2 to 1000.
        columns: Bins of single columns, where they differ.
        distinct_bins: Bins of as many distinct values each, whose edges are added to columns with
            ties, 0 to 1000: they divide the tail of a column most of whose rows have one value.
        tied_fraction: A column has ties if its most frequent value has at least this fraction of
            its values that are there, [0, 1].
        normal_scores: Whether the normal score of the value's quantile is an input too.
    """

    bins: Bins
    columns: dict[Name, Bins] = Field(default_factory=dict)
    distinct_bins: Annotated[int, Field(ge=0, le=MOST_BINS)] = 0
    tied_fraction: Annotated[float, Field(ge=0, le=1)] = 0.3
    normal_scores: bool = False

    @model_validator(mode="after")
    def _few_enough(self) -> Self:
        for bins in (self.bins, *self.columns.values()):
            if bins + self.distinct_bins > MOST_BINS:
                raise ValueError(
                    f"bins ({bins}) and distinct_bins ({self.distinct_bins}) of a column must not "
                    f"be more than {MOST_BINS} together"
                )
        return self

    def bins_of(self, column: str) -> int:
        """Return the number of bins of a column."""
        return self.columns.get(column, self.bins)


class CategoryOptions(Section):
    """Which categories of a column are told apart, and how the network sees them.

    All others share the place of unseen ones.

    Attributes:
        min_count: Train rows that a category has at least.
        max_categories: Most frequent categories that are kept, of two with as many rows the first
            in alphabetical order; None: all.
        encoding: An input of 0 or 1 for each category (`one_hot`), or one input a column: the
            category's index, which the network looks up in a table that it learns (`embedding`).
    """

    min_count: PositiveInt
    max_categories: PositiveInt | None
    encoding: Literal["one_hot", "embedding"] = "one_hot"

    def keep_all(self) -> bool:
        """Tell whether every category of the train rows is kept."""
        return self.min_count == 1 and self.max_categories is None


class DateOptions(Section):
    """What numeric inputs are made of each date and timestamp.

    Attributes:
        parts: Parts of the calendar, in UTC; `day_of_week` is 1 on Mondays, `hour` is for
            timestamps only, and `days_since_newest` counts back from the newest train row.
        encoding: Parts as numbers; or those with a period, all but the year and
            `days_since_newest`, as sine and cosine (`cyclic`).
    """

    parts: Annotated[list[DatePart], Field(min_length=1)]
    encoding: Literal["number", "cyclic"]

    @model_validator(mode="after")
    def _each_part_once(self) -> Self:
        if len(set(self.parts)) < len(self.parts):
            raise ValueError("dates.parts must name no part twice")
        return self


class FeatureOptions(Section):
    """How columns become one vector of numbers.

    Attributes:
        missing: What a missing value does: end the run (`error`), or be filled: a number by the
            median or the mean of the train rows or by a constant, with an input that says so; a
            category becomes one of its own.
        categories: Which categories are told apart, and their encoding.
        dates: What is made of dates and timestamps; None: they are no inputs.
        derived: New columns: name, and a Spark SQL expression over columns of the same row.
        counts: New columns: name, and the columns whose values a row shares with the train rows
            that are counted.
        piecewise_linear: Encoding of numeric columns instead of standardizing; None: off.
        skew: Which numeric columns are standardized.
        unseen_categories: What a category that no train row has does: end the run (`error`), or
            be an input of its own (`keep`).
        standardize: How columns are standardized.
    """

    missing: Literal["error", "median", "mean"] | Fill
    categories: CategoryOptions
    dates: DateOptions | None
    derived: dict[Name, Name]
    counts: dict[Name, Annotated[list[Name], Field(min_length=1)]]
    piecewise_linear: PiecewiseLinearOptions | None
    skew: SkewOptions
    unseen_categories: Literal["error", "keep"]
    standardize: StandardizeOptions

    @model_validator(mode="after")
    def _rare_categories_have_a_place(self) -> Self:
        if self.unseen_categories == "error" and not self.categories.keep_all():
            raise ValueError(
                "categories.min_count and categories.max_categories put rare categories in the "
                "place of unseen ones: set features.unseen_categories to keep"
            )
        return self

"""The section `data`: columns of the raw table, what the model is for, train and test rows."""

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from bank_spark_dl.parameters.fields import Fraction, Name, Section

Columns = list[Name] | Literal["auto"]


class ColumnOptions(Section):
    """Roles of the raw table's columns; no column has two.

    Attributes:
        id: Identifies a row; None: a hash of the row's values does.
        label: What the model predicts: a column of classes or numbers.
        positive: The class of two whose probability is predicted, as text; None: there are not two.
        drop: Columns that are not used.
        time: Orders the rows in time, and is no input: dates, times or numbers; `:order` is the
            order of the file; None: no column does.
        group: Rows with the same value belong together, and it is no input; None: no column says.
        categorical: Columns of categories, or `auto`: text columns, except those with a single
            value or with another value in nearly every row.
        numeric: Columns of numbers, or `auto`: number columns, and boolean ones as 0 and 1.
    """

    id: Name | None
    label: Name
    positive: Name | None
    drop: list[Name]
    time: Name | None
    group: Name | None
    categorical: Columns
    numeric: Columns

    def listed(self) -> list[str]:
        """Return the input columns that are named, not chosen by `auto`."""
        lists = [part for part in (self.categorical, self.numeric) if isinstance(part, list)]
        return [name for part in lists for name in part]

    def no_inputs(self) -> set[str]:
        """Return the columns that are no inputs, though derived columns may read them."""
        return {name for name in (*self.drop, self.time, self.group) if name}

    @model_validator(mode="after")
    def _one_role_each(self) -> Self:
        roles = [self.id, self.label, *self.drop, self.time, self.group, *self.listed()]
        repeated = sorted({name for name in roles if name and roles.count(name) > 1})
        if repeated:
            raise ValueError(f"a column can have one role only: name {', '.join(repeated)} once")
        return self


class SegmentOptions(Section):
    """Subgroups of rows for which results are also reported.

    Attributes:
        column: Its values are the subgroups.
        edges: Ascending numbers: the ranges between them are the subgroups instead.
    """

    column: Name
    edges: list[float] | None = None

    @model_validator(mode="after")
    def _edges_ascend(self) -> Self:
        if self.edges is not None and self.edges != sorted(set(self.edges)):
            raise ValueError(f"the edges of {self.column} must ascend, as in [30, 40, 50]")
        return self


class DataOptions(Section):
    """Columns of the raw table, what the model is for, train and test rows.

    Attributes:
        columns: Roles of the columns.
        task: What the label is: one of two classes (`binary`) or of more (`multiclass`), or a
            number (`regression`); `auto`: as its type and its values say.
        weight: Column of the rows' weights in training and in the report's figures by weight, at
            least 0, and no input; None: all weigh the same.
        purpose: `call_list`, to decide whom to call, refuses target leakage: columns known only
            after the call. `benchmark` reports it.
        availability: When the value of a column is known; `same_period` is before the call, but
            what the value means holds only for the weeks of the train rows.
        suspicious: Columns that alone foretell the label suspiciously well: the area under the ROC
            curve of each, [0.5, 1]; the report names them.
        prior: Fraction of positives among the rows to be scored, (0, 1); None: as in the train
            rows. Probabilities, threshold and report are for this fraction.
        segments: Columns whose subgroups the report compares.
        split: How rows are held out, for the test, for validation and in cross-validation:
            `random`, the same fraction of each class; `time`, the newest rows; `group`, whole
            groups.
        test_fraction: Fraction of the rows held out for the test, (0, 1).
        preview_rows: Rows printed after loading, at least 1.
    """

    columns: ColumnOptions
    task: Literal["auto", "binary", "multiclass", "regression"]
    weight: Name | None
    purpose: Literal["benchmark", "call_list"]
    availability: dict[Name, Literal["before_call", "same_period", "after_call"]]
    suspicious: dict[Name, Annotated[float, Field(ge=0.5, le=1)]]
    prior: Fraction | None
    segments: list[SegmentOptions]
    split: Literal["random", "time", "group"]
    test_fraction: Fraction
    preview_rows: PositiveInt

    def no_inputs(self) -> set[str]:
        """Return the columns that are no inputs, though derived columns may read them."""
        return self.columns.no_inputs() | ({self.weight} if self.weight else set())

    def leakage_columns(self) -> list[str]:
        """Return the columns known only after the call that may be inputs; see available."""
        unused = self.no_inputs()
        return [name for name in self.available("after_call") if name not in unused]

    def available(self, when: str) -> list[str]:
        """Return the columns with an availability, dropped ones too.

        The table need not have them.

        Args:
            when: One of the values of `availability`.
        """
        others = (self.columns.label, self.columns.id)
        return [n for n, known in self.availability.items() if known == when and n not in others]

    @model_validator(mode="after")
    def _two_classes_have_a_positive_one(self) -> Self:
        if self.task == "binary" and self.columns.positive is None:
            raise ValueError(
                "task is binary, but columns.positive is null: name there the class whose "
                "probability is predicted"
            )
        return self

    @model_validator(mode="after")
    def _weight_has_no_other_role(self) -> Self:
        columns = self.columns
        roles = {columns.id, columns.label, *columns.no_inputs(), *columns.listed()}
        if self.weight in roles - {None}:
            raise ValueError(
                f"weight is {self.weight}, which data.columns names too: a column can have one "
                "role only"
            )
        return self

    @model_validator(mode="after")
    def _split_has_its_column(self) -> Self:
        if self.split != "random" and getattr(self.columns, self.split) is None:
            raise ValueError(
                f"split is {self.split}, but columns.{self.split} is null: name the column there, "
                "or set split to random"
            )
        return self

    @model_validator(mode="after")
    def _segments_exist(self) -> Self:
        names, columns = [part.column for part in self.segments], self.columns
        if len(set(names)) < len(names) or {columns.id, columns.label} & set(names):
            raise ValueError("segments must name no column twice, and neither the id nor the label")
        if dropped := [name for name in names if name in columns.drop]:
            raise ValueError(
                f"segments names {', '.join(dropped)}, which data.columns.drop drops: take it out "
                "of one of the two"
            )
        return self

    @model_validator(mode="after")
    def _no_leakage_in_a_call_list(self) -> Self:
        listed = self.columns.listed()
        leaking = [name for name in self.leakage_columns() if name in listed]
        if self.purpose == "call_list" and leaking:
            raise ValueError(
                f"purpose is call_list, but {', '.join(leaking)} is known only after the call: add "
                "it to data.columns.drop, or set data.purpose to benchmark"
            )
        return self

"""A small table, and the steps from its raw rows on that observations begin with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from bank_spark_dl.ml.features.fit import fit_feature_model
from bank_spark_dl.ml.raw_source import RawSource
from bank_spark_dl.ml.target import Target
from bank_spark_dl.parameters import Parameters
from bank_spark_dl.pipelines.data_processing.nodes import check_rows, clean_rows
from feature_steps import make

TARGET = Target("deposit", "binary", ("no", "yes"))


@dataclass
class Table:
    """What is observed, and where it may print and write.

    Attributes:
        raw_rows: The table.
        capsys: What is printed.
        folder: What is written.
        kept: Feature vectors of the unchanged parameters, made once.
    """

    raw_rows: DataFrame
    capsys: pytest.CaptureFixture[str]
    folder: Path
    kept: dict[str, Any] = field(default_factory=dict)

    def clean(self, p: Parameters) -> DataFrame:
        return clean_rows(
            check_rows(self.raw_rows, RawSource("sample", "", synthetic=True), p.data), p.data
        )

    def stages(self, p: Parameters) -> PipelineModel:
        return fit_feature_model(self.clean(p), p.data, p.features).model

    def features(self, p: Parameters) -> DataFrame:
        rows = self.clean(p)
        settings = p.data, p.features
        fitted = fit_feature_model(rows, *settings)
        return make(rows, rows, fitted, settings)[0].orderBy("row_id")

    def training_rows(self, p: Parameters) -> DataFrame:
        """Feature vectors for what does not depend on the parameters of features."""
        if "features" not in self.kept:
            self.kept["features"] = self.features(p).cache()
        return self.kept["features"]

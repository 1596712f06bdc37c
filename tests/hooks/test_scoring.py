"""What rows to score may lack."""

from types import SimpleNamespace
from unittest.mock import Mock

from kedro.io import DataCatalog, MemoryDataset

from bank_spark_dl.hooks.scoring import ScoringHooks


def test_rows_to_score_need_what_a_derived_column_reads() -> None:
    values = {
        "data.columns.label": "y",
        "data.columns.drop": ["day", "month"],
        "features.derived": {"week": "day / 7"},
    }
    catalog = DataCatalog({f"params:{key}": MemoryDataset(v) for key, v in values.items()})
    dataset = Mock(reads_rows_to_score=True)
    named = {"scoring_rows": dataset, **{name: catalog[name] for name in catalog}}
    pipeline = SimpleNamespace(inputs=lambda: ["scoring_rows"])
    ScoringHooks().before_pipeline_run(pipeline, named)  # type: ignore[arg-type]
    dataset.may_lack.assert_called_once_with(["y", "month"])

"""Each run records what made its outputs, and refuses inputs that are not what their step wrote."""

from pathlib import Path
from typing import Any

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, DatasetError, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from bank_spark_dl.datasets import JSONDataset, ResultDataset
from bank_spark_dl.datasets.lineage import RunRecord
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.hooks.run_record import RunRecordHooks
from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.ml.raw_source import RawSource


def scale(rows: list[int], factor: int) -> list[int]:
    return [factor * row for row in rows]


FIRST = Node(
    lambda source, seed: [len(source.source), seed], ["raw_source", "params:seed"], "rows", name="a"
)
SECOND = Node(scale, ["rows", "params:factor"], "scaled", name="b")


def run(folder: Path, *nodes: Node, **parameters: Any) -> RunRecord:
    """Run nodes as Kedro does; return the record."""
    catalog = DataCatalog(
        {
            "raw_source": MemoryDataset(RawSource("bank.csv", "0", synthetic=True)),
            "rows": JSONDataset(filepath=str(folder / "rows.json")),
            "scaled": JSONDataset(filepath=str(folder / "scaled.json")),
            "run": ResultDataset(
                filepath=str(folder / "run.json"), result="bank_spark_dl.datasets.lineage.RunRecord"
            ),
            **{f"params:{name}": MemoryDataset(value) for name, value in parameters.items()},
        }
    )
    pipeline, manager = Pipeline(nodes), _create_hook_manager()
    manager.register(RunRecordHooks())
    manager.hook.before_pipeline_run(
        run_params={"env": "test", "pipeline_names": ["x"]}, pipeline=pipeline, catalog=catalog
    )
    SequentialRunner().run(pipeline, catalog, hook_manager=manager)
    record: RunRecord = catalog["run"].load()
    return record


def test_a_run_records_its_data_its_parameters_and_its_steps(tmp_path: Path) -> None:
    record = run(tmp_path, FIRST, SECOND, seed=3, factor=2)
    assert record.data == RawSource("bank.csv", "0", synthetic=True)
    assert (record.environment, record.pipelines, record.seed) == ("test", ["x"], 3)
    assert record.parameters == {"seed": 3, "factor": 2}
    assert record.steps["b"].parameters == {"factor": 2}
    assert (record.steps["b"].jobs, record.steps["b"].bytes_read) == (0, 0)
    assert record.datasets["scaled"].step == "b"
    assert record.datasets["scaled"].made_from["rows"] == record.datasets["rows"].recipe
    assert record.packages["kedro"]


def test_steps_of_earlier_runs_stay_in_the_record(tmp_path: Path) -> None:
    first = run(tmp_path, FIRST, seed=3)
    both = run(tmp_path, SECOND, factor=2)
    assert both.steps["a"] == first.steps["a"]
    assert both.parameters == {"seed": 3, "factor": 2}
    assert (both.data, both.seed) == (first.data, 3)
    again = run(tmp_path, SECOND, factor=5)
    assert again.steps["b"].parameters == {"factor": 5}
    assert again.datasets["scaled"].recipe != both.datasets["scaled"].recipe


def test_an_input_that_was_changed_since_is_refused(tmp_path: Path) -> None:
    run(tmp_path, FIRST, seed=3)
    (tmp_path / "rows.json").write_text("[9, 9]")
    with pytest.raises(InputDataError, match="rows is not what the step a wrote"):
        run(tmp_path, SECOND, factor=2)


def test_a_record_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(DatasetError) as refused:
        run(tmp_path, FIRST, seed=3)
    said = user_mistake(refused.value)
    assert said is not None
    assert said.startswith(f"{tmp_path}/run.json is not what this version writes: its content: ")
    assert "Restore it, or delete it and run" in said

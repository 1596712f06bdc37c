"""Parameters that say where something lies."""

from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader

from bank_spark_dl.parameters import Parameters
from tests.parameter_effects.effect import Effect
from tests.parameter_effects.table import Table

CONF = Path(__file__).parents[2] / "conf"


def path_of(dataset: str, **runtime_params: Any) -> str:
    """Where the catalog reads or writes a dataset."""
    loader = OmegaConfigLoader(
        conf_source=str(CONF),
        base_env="base",
        default_run_env="base",
        runtime_params=runtime_params,
    )
    return loader["catalog"][dataset]["filepath"]


def raw(_: Table, p: Parameters) -> str:
    return path_of("bank_raw", raw_filepath=p.raw_filepath)


def results(_: Table, p: Parameters) -> str:
    return path_of("metrics", data_root=p.data_root)


def scoring_input(_: Table, p: Parameters) -> str:
    return path_of("scoring_rows", scoring={"input": p.scoring.input})


def scoring_output(_: Table, p: Parameters) -> str:
    return path_of("scores", scoring={"output": p.scoring.output})


def stream_input(_: Table, p: Parameters) -> str:
    return path_of("stream_rows", scoring_stream={"input": p.scoring_stream.input})


def stream_output(_: Table, p: Parameters) -> str:
    return path_of("stream_scores", scoring_stream={"output": p.scoring_stream.output})


def synthetic(_: Table, p: Parameters) -> str:
    return path_of("synthetic_rows", synthetic={"path": p.synthetic.path})


EFFECTS = {
    "raw_filepath": Effect(raw, "other.csv"),
    "data_root": Effect(results, "other"),
    "scoring.input": Effect(scoring_input, "other.csv"),
    "scoring.output": Effect(scoring_output, "other.parquet"),
    "scoring_stream.input": Effect(stream_input, "other"),
    "scoring_stream.output": Effect(stream_output, "other.parquet"),
    "synthetic.path": Effect(synthetic, "other.csv"),
}

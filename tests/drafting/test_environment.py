"""The files of a drafted environment, as Kedro reads them."""

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import MemoryDataset
from pyspark.sql.types import DateType, StringType, TimestampType
from rich.console import Console

from bank_spark_dl.csv_validation import load_schema
from bank_spark_dl.drafting.credentials import refuse_secrets
from bank_spark_dl.drafting.draft import Draft
from bank_spark_dl.drafting.environment import check_free, write_environment
from bank_spark_dl.drafting.label import Label
from bank_spark_dl.drafting.source import TableSource, open_dataset
from bank_spark_dl.drafting.summary import print_draft
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters import Parameters, check_parameters
from tests.drafting.drafts import column, draft

ROOT = Path(__file__).parents[2]
ENTRIES = ["bank_raw", "scoring_rows", "stream_rows"]


def written(drafted: Draft, folder: Path) -> OmegaConfigLoader:
    """Write an environment called mine beside conf/base; return Kedro's view of it."""
    shutil.copytree(ROOT / "conf/base", folder / "base", dirs_exist_ok=True)
    write_environment(drafted, folder / "mine", ["null"])
    return OmegaConfigLoader(
        conf_source=str(folder),
        base_env="base",
        default_run_env="mine",
        merge_strategy={"parameters": "soft", "globals": "soft"},
    )


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> OmegaConfigLoader:
    return written(draft(), tmp_path_factory.mktemp("conf"))


@pytest.fixture(scope="module")
def drafted_parameters(config: OmegaConfigLoader) -> Parameters:
    return check_parameters(config["parameters"])


def test_parameters_name_each_column_as_it_is_called(drafted_parameters: Parameters) -> None:
    columns = drafted_parameters.data.columns
    assert (columns.id, columns.label, columns.positive) == ("key: 1", "on", "1")
    assert columns.drop == ['"']
    assert columns.categorical == ["${x}"]
    assert columns.numeric == ["null", "größe #"]


def test_parameters_say_how_values_become_inputs(drafted_parameters: Parameters) -> None:
    features = drafted_parameters.features
    assert features.missing == "median"
    assert features.unseen_categories == "keep"
    assert features.dates is not None
    assert "hour" in features.dates.parts


def test_nothing_of_the_banks_table_is_left(drafted_parameters: Parameters) -> None:
    data = drafted_parameters.data
    assert data.leakage_columns() == ["duration"]  # base's, and not in the table
    assert data.availability["null"] == "before_call"
    assert (data.segments, drafted_parameters.reporting.decision) == ([], None)


def test_a_date_without_a_time_has_no_hour(tmp_path: Path) -> None:
    columns = [column("seen", DateType(), "date", ""), *draft().columns[:2]]
    found = check_parameters(written(draft(columns=columns), tmp_path)["parameters"])
    assert found.features.dates is not None
    assert "hour" not in found.features.dates.parts


def test_the_warm_up_is_a_twentieth_of_the_steps(drafted_parameters: Parameters) -> None:
    schedule = drafted_parameters.elephas.learning_rate_schedule
    assert schedule is not None
    elephas = drafted_parameters.elephas
    steps = -(-800 // elephas.batch_size) * elephas.epochs
    assert schedule.model_dump()["warmup_steps"] == round(steps / 20)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_catalog_reads_the_table_as_it_was_found(config: OmegaConfigLoader, name: str) -> None:
    entry: dict[str, Any] = config["catalog"][name]
    load_args = entry["load_args"]
    assert (load_args["sep"], load_args["missing_values"]) == (";", ["?"])
    assert load_args["schema"] == {"filepath": "conf/mine/schema.json"}
    assert load_args.get("ignored") == (None if name == "bank_raw" else ["on"])


def test_results_lie_in_a_folder_of_their_own(config: OmegaConfigLoader) -> None:
    catalog = config["catalog"]
    assert catalog["bank_raw"]["filepath"] == "some/t.csv"
    assert catalog["metrics"]["filepath"] == "data/mine/08_reporting/metrics.json"
    assert catalog["scores"]["filepath"].startswith("data/mine/")


def test_another_format_is_read_by_its_dataset(tmp_path: Path) -> None:
    config = written(draft(source=TableSource("some/t", "parquet")), tmp_path)
    entry = config["catalog"]["scoring_rows"]
    assert entry["type"] == "bank_spark_dl.datasets.CheckedFrameDataset"
    assert entry["file_format"] == "parquet"


def test_only_label_and_id_must_have_a_value(config: OmegaConfigLoader) -> None:
    schema = load_schema(Path(config.conf_source) / "mine/schema.json")
    assert [field.name for field in schema if not field.nullable] == ["key: 1", "on"]
    assert schema["seen"].dataType.simpleString() == "timestamp"


def test_a_drafted_environment_is_replaced_by_force_only(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    check_free(folder, force=False)
    write_environment(draft(), folder, [])
    with pytest.raises(ParameterError, match=r"is there already.*--force"):
        check_free(folder, force=False)
    check_free(folder, force=True)


@pytest.mark.parametrize("env", ["base", "tuned", "uci", "local", "cluster"])
def test_no_other_environment_is_ever_replaced(env: str) -> None:
    with pytest.raises(ParameterError, match="was not made by kedro draft"):
        check_free(ROOT / "conf" / env, force=True)


def test_the_terminal_shows_each_column_and_what_to_run_next(tmp_path: Path) -> None:
    console = Console(record=True, width=120)
    files = write_environment(draft(), tmp_path / "mine", [])
    print_draft(draft(), files, console)
    printed = console.export_text()
    for part in (
        "some/t.csv: 1,000 rows, 7 columns",
        "7 ('?')",
        "AUC 0.991",
        "Positive class: '1' of on, 30.0% of the rows",
        "Possible target leakage: null",
        "Wrote conf/mine/: parameters.yml, schema.json, catalog.yml, globals.yml",
        "kedro run --env=mine",
    ):
        assert part in printed


def text_of(drafted: Draft, folder: Path, name: str) -> str:
    write_environment(drafted, folder, [])
    return (folder / name).read_text()


def printed_of(drafted: Draft, folder: Path) -> str:
    console = Console(record=True, width=200)
    print_draft(drafted, write_environment(drafted, folder, []), console)
    return console.export_text()


def test_the_newest_rows_are_held_out_by_a_column(tmp_path: Path) -> None:
    columns = [*draft().columns, column("when", TimestampType(), "time", "900 times")]
    drafted = draft(columns=columns)
    data = yaml.safe_load(text_of(drafted, tmp_path, "parameters.yml"))["data"]
    assert (data["split"], data["columns"]["time"]) == ("time", "when")
    assert "when" not in data["columns"]["numeric"]
    assert "the newest rows by when" in printed_of(drafted, tmp_path)


def test_the_order_of_the_file_is_counted_for_rows_to_train_on_only(tmp_path: Path) -> None:
    drafted = draft(by_order=True)
    data = yaml.safe_load(text_of(drafted, tmp_path / "mine", "parameters.yml"))["data"]
    assert (data["split"], data["columns"]["time"]) == ("time", ":order")
    catalog = written(drafted, tmp_path)["catalog"]
    numbered = {name: catalog[name]["load_args"].get("order") for name in ENTRIES}
    assert numbered == {"bank_raw": True, "scoring_rows": None, "stream_rows": None}


def test_whole_groups_are_held_out(tmp_path: Path) -> None:
    drafted = draft(columns=[*draft().columns, column("who", StringType(), "group", "9 groups")])
    data = yaml.safe_load(text_of(drafted, tmp_path, "parameters.yml"))["data"]
    assert (data["split"], data["columns"]["group"]) == ("group", "who")
    assert "whole groups of who" in printed_of(drafted, tmp_path)


def test_nothing_is_said_of_splits_where_rows_are_drawn_at_random(tmp_path: Path) -> None:
    data = yaml.safe_load(text_of(draft(), tmp_path, "parameters.yml"))["data"]
    assert not {"split"} & data.keys()
    assert not {"time", "group"} & data["columns"].keys()


def test_the_terminal_asks_for_a_group_and_a_time(tmp_path: Path) -> None:
    repeating = column("customer_id", StringType(), "dropped", "", distinct=400)
    printed = printed_of(draft(columns=[*draft().columns, repeating]), tmp_path)
    assert (
        "customer_id repeats (2.5 rows each): if its rows belong together, draft again with "
        "--group customer_id."
    ) in printed
    assert "draft again with --time seen." in printed


@pytest.fixture
def of_dataset() -> Draft:
    config = {"type": "spark.SparkJDBCDataset", "url": "jdbc:x", "credentials": "shop"}
    return draft(source=TableSource("customers", "table", dataset=config))


def test_a_dataset_is_wrapped_with_what_the_catalog_says_of_it(
    tmp_path: Path, of_dataset: Draft
) -> None:
    catalog = written(of_dataset, tmp_path)["catalog"]
    for name in ("bank_raw", "raw_source", "scoring_rows"):
        assert catalog[name]["name"] == "customers"
        assert catalog[name]["dataset"] == of_dataset.source.dataset
    schema = {"filepath": "conf/mine/schema.json"}
    assert catalog["bank_raw"]["load_args"] == {"schema": schema}
    assert catalog["scoring_rows"]["load_args"] == {"schema": schema, "ignored": ["on"]}
    assert catalog["raw_source"]["type"] == "bank_spark_dl.datasets.TableSourceDataset"


def test_a_dataset_keeps_its_credentials_in_one_place(tmp_path: Path, of_dataset: Draft) -> None:
    (tmp_path / "local").mkdir()
    secret = tmp_path / "local/credentials.yml"
    for word in ("first", "second"):  # the second time they are there already
        secret.write_text(f"shop: {{password: {word}}}")
        write_environment(of_dataset, tmp_path / "mine", [])
        assert word in (tmp_path / "mine/credentials.yml").read_text()
    write_environment(draft(), tmp_path / "file", [])
    assert not (tmp_path / "file/credentials.yml").exists()
    own = tmp_path / "file/credentials.yml"
    own.write_text("shop: {password: own}")
    write_environment(of_dataset, tmp_path / "file", [])
    assert "own" in own.read_text()


MANY = Label("on", "multiclass", "it is no number", dict.fromkeys("abcdefg", 200))
NUMBER = Label("on", "regression", "its numbers have decimals")


@pytest.mark.parametrize(
    ("label", "activation", "loss"),
    [
        (MANY, "softmax", "categorical_crossentropy"),
        (NUMBER, "linear", "mean_squared_error"),
    ],
)
def test_other_targets_have_their_outputs_and_losses(
    tmp_path: Path, label: Label, activation: str, loss: str
) -> None:
    found = check_parameters(written(draft(label=label), tmp_path)["parameters"])
    assert (found.data.task, found.data.columns.positive) == (label.task, None)
    elephas = found.elephas
    assert (found.model.output_activation, elephas.loss) == (activation, loss)
    assert (elephas.validation_split, elephas.early_stopping) == (0.0, None)
    assert found.features.piecewise_linear is not None
    assert found.features.piecewise_linear.normal_scores
    assert {layer.activity_l2 for layer in found.model.layers} == {0.0}


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        (MANY, ["Task: multiclass of on, because it is no number.", "--task", "AUC 0.991"]),
        (NUMBER, ["Task: regression of on, because its numbers have decimals.", "R2 0.991"]),
    ],
)
def test_the_terminal_says_what_is_predicted(label: Label, parts: list[str]) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    print_draft(draft(label=label), [Path("conf/mine/parameters.yml")], console)
    printed = console.export_text()
    assert [part for part in parts if part not in printed] == []


def test_the_name_of_a_table_is_not_called_a_path(tmp_path: Path, of_dataset: Draft) -> None:
    assert "what the table is called" in text_of(of_dataset, tmp_path / "table", "globals.yml")
    assert "the rows to train on" in text_of(draft(), tmp_path / "file", "globals.yml")


@pytest.mark.parametrize(
    ("key", "config"),
    [
        ("properties.password", {"properties": {"user": "u", "password": "SECRET"}}),
        ("options.apiKey", {"options": {"apiKey": "SECRET"}}),
        ("credentials.user", {"credentials": {"user": "SECRET"}}),
        ("url", {"url": "jdbc:postgresql://host:5432/shop?user=u&password=SECRET"}),
        ("url", {"url": "jdbc:sqlserver://host:1433;user=u;password=SECRET"}),
        ("url", {"url": "jdbc:oracle:thin:u/SECRET@//host:1521/shop"}),
        ("con", {"con": "postgresql://u:SECRET@host/shop"}),
        ("load_args.options", {"load_args": {"options": ["https://host/t.csv?sig=SECRET"]}}),
    ],
)
def test_an_entry_with_a_secret_is_not_copied(key: str, config: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as refused:
        open_dataset("customers", MemoryDataset({}), {"type": "spark.SparkJDBCDataset", **config})
    assert f"entry customers holds a secret in plain text ({key})" in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_an_entry_without_a_secret_may_be_copied() -> None:
    plain = {"url": "jdbc:postgresql://host:5432/shop", "key": "a", "credentials": "shop"}
    refuse_secrets("customers", {**plain, "load_args": {"properties": {"driver": "a.b.Driver"}}})

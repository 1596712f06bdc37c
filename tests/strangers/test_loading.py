"""Loading a model, a checkpoint or a parameter file executes nothing and refuses what changed."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import DatasetError
from pyspark.ml import PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession
from yaml import YAMLError

from bank_spark_dl.datasets import KerasModelDataset, SparkModelDataset
from bank_spark_dl.datasets.checksums import CHECKSUMS, write_checksums
from bank_spark_dl.distributed import ElephasClassificationModel, TrainingHistory
from bank_spark_dl.distributed.checksums import seal_archive
from bank_spark_dl.distributed.runtime.safe_keras import network_from_json
from bank_spark_dl.distributed.training.checkpoint import Checkpoint, CheckpointFolder
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.messages.diagnostics import user_mistake
from tests.strangers.unsafe_calls import unsafe_calls

ROOT = Path(__file__).parents[2]
HISTORY = TrainingHistory(1, 1, 0, 1, 1, 0)


class Harm:
    """Leaves a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._path),)


def said(error: BaseException) -> str:
    """What the command line prints: one paragraph."""
    text = user_mistake(error)
    assert text is not None
    assert "\n" not in text
    return text


def test_no_source_loads_code() -> None:
    sources = list(ROOT.glob("src/**/*.py"))
    assert len(sources) > 100
    found = {str(path.relative_to(ROOT)): unsafe_calls(path.read_text()) for path in sources}
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from cloudpickle import loads",
        "import joblib.numpy_pickle",
        "from shelve import open",
        "import_module('dill')",
        "__import__('pickle').loads(x)",
        "eval(text)",
        "frame.eval(text)",
        "exec(text)",
        "compile(text, '', 'exec')",
        "yaml.load(text)",
        "yaml.load(text, Loader=yaml.SafeLoader)",
        "yaml.unsafe_load(text)",
        "make(yaml.UnsafeLoader)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "keras.saving.load_model(path)",
        "load_keras().saving.load_model(path, safe_mode=False)",
        "keras.models.model_from_json(text)",
        "deserialize_keras_object(config)",
        "keras.config.enable_unsafe_deserialization()",
        "context.pickleFile(path)",
    ],
)
def test_the_search_finds(source: str) -> None:
    assert unsafe_calls(source)


def test_the_search_passes_what_is_safe() -> None:
    source = "yaml.safe_load(x); np.load(p, allow_pickle=False); model.compile(); re.compile('x')"
    assert unsafe_calls(source + "; load_model(p, safe_mode=True); json.loads(x)") == []


def dense() -> keras.Sequential:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="sigmoid")])


def with_lambda() -> keras.Sequential:
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)])


def with_layer(**entry: Any) -> str:
    """A network's JSON whose last layer is another one."""
    network = json.loads(dense().to_json())
    network["config"]["layers"][-1] |= entry
    return json.dumps(network)


def with_activation(**entry: Any) -> str:
    network = json.loads(dense().to_json())
    network["config"]["layers"][-1]["config"]["activation"] = {"class_name": "function"} | entry
    return json.dumps(network)


CODE = [
    pytest.param(lambda: with_lambda().to_json(), "keras.layers.Lambda", id="lambda"),
    pytest.param(
        lambda: with_layer(class_name="TFSMLayer"), "keras.layers.TFSMLayer", id="saved-model"
    ),
    pytest.param(
        lambda: with_layer(module="os", class_name="system"), "os.system", id="other-module"
    ),
    pytest.param(
        lambda: with_layer(module="kerasx.layers"), "kerasx.layers.Dense", id="similar-module"
    ),
    pytest.param(
        lambda: with_activation(module="keras.utils", config="get_file"),
        "keras.utils.function",
        id="download",
    ),
]


@pytest.mark.parametrize("unsafe_elsewhere", [False, True])
@pytest.mark.parametrize(("make", "named"), CODE)
def test_a_network_with_code_is_refused(
    make: Callable[[], str], named: str, unsafe_elsewhere: bool
) -> None:
    from keras.src.saving.serialization_lib import SafeModeScope

    with (
        SafeModeScope(safe_mode=not unsafe_elsewhere),
        pytest.raises(InputDataError, match=f"{named} is code, and no code is taken from files"),
    ):
        network_from_json(make())


def test_keras_own_networks_pass() -> None:
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(
        4, "gelu", kernel_regularizer="l2", kernel_constraint="max_norm", kernel_initializer="ones"
    )(inputs)
    outputs = keras.layers.BatchNormalization()(keras.ops.tanh(hidden)) * 2
    network = keras.Model(inputs, outputs)
    assert network_from_json(network.to_json()).count_params() == network.count_params()


@pytest.fixture
def keras_file(tmp_path: Path) -> Path:
    path = tmp_path / "net.keras"
    KerasModelDataset(filepath=str(path)).save(dense())
    return path


def load_keras_file(path: Path) -> str:
    with pytest.raises(DatasetError) as refused:
        KerasModelDataset(filepath=str(path)).load()
    return said(refused.value)


def test_a_network_loads_as_it_was_saved(keras_file: Path) -> None:
    assert KerasModelDataset(filepath=str(keras_file)).load().count_params() == 6


def test_a_keras_file_with_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with_lambda().save(path)
    assert "checksums.json" in load_keras_file(path)
    seal_archive(path)
    assert "keras.layers.Lambda is code" in load_keras_file(path)


@pytest.mark.parametrize(
    ("entry", "old", "new"),
    [
        ("config.json", b"sigmoid", b"softmax"),
        ("model.weights.h5", b"layers", b"Layers"),
        ("checksums.json", b"config.json", b"Config.json"),
    ],
)
def test_a_changed_keras_file_is_refused(
    keras_file: Path, entry: str, old: bytes, new: bytes
) -> None:
    with zipfile.ZipFile(keras_file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    assert old in content[entry]
    content[entry] = content[entry].replace(old, new)
    with zipfile.ZipFile(keras_file, "w") as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    assert f"The network {keras_file} is damaged" in load_keras_file(keras_file)


def test_a_cut_keras_file_is_refused(keras_file: Path) -> None:
    keras_file.write_bytes(keras_file.read_bytes()[:-100])
    assert f"The network {keras_file} is damaged" in load_keras_file(keras_file)


@pytest.fixture
def model(spark: SparkSession, tmp_path: Path) -> Path:
    """A saved scoring model: a stage of Spark's and the network."""
    network = dense()
    trained = ElephasClassificationModel(network.to_json(), network.get_weights(), HISTORY, 2)
    assembler = VectorAssembler(inputCols=["a", "b"], outputCol="features")
    SparkModelDataset(filepath=str(tmp_path / "m.model")).save(PipelineModel([assembler, trained]))
    return tmp_path / "m.model"


def load_model(path: Path) -> str:
    with pytest.raises(DatasetError) as refused:
        SparkModelDataset(filepath=str(path)).load()
    return said(refused.value)


def change(path: Path, old: str, new: str) -> None:
    """Write something else, and drop Hadoop's own checksum as a stranger would."""
    text = path.read_text(encoding="latin-1")
    assert old in text
    path.write_text(text.replace(old, new), encoding="latin-1")
    (path.parent / f".{path.name}.crc").unlink(missing_ok=True)


def test_a_model_loads_as_it_was_saved(model: Path) -> None:
    stages = SparkModelDataset(filepath=str(model)).load().stages
    assert [type(stage).__name__ for stage in stages] == [
        "VectorAssembler",
        "ElephasClassificationModel",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("metadata/part-*", "PipelineModel", "Pipelinemodel"),
        ("stages/0_*/metadata/part-*", '"a"', '"b"'),
        ("stages/1_*/metadata/part-*", '"threshold":0.5', '"threshold":0.9'),
        ("stages/1_*/network.json", "sigmoid", "softmax"),
        ("stages/1_*/history.json", '"seed": 0', '"seed": 1'),
        ("stages/1_*/weights.npz", "00000", "00002"),
    ],
)
def test_a_changed_model_is_refused(model: Path, file: str, old: str, new: str) -> None:
    (path,) = model.glob(file)
    change(path, old, new)
    answer = load_model(model)
    assert str(path.relative_to(model)) in answer
    assert "is not what was saved. Run the pipeline that writes it again." in answer


def test_a_file_more_or_less_is_refused(model: Path) -> None:
    (model / "stages/more").write_text("x")
    assert "stages/more is not what was saved" in load_model(model)
    (model / "stages/more").unlink()
    (model / CHECKSUMS).unlink()
    assert f"its {CHECKSUMS}, or a file named there, cannot be read" in load_model(model)


def test_a_file_that_hadoop_finds_broken_is_refused(model: Path) -> None:
    (path,) = model.glob("stages/1_*/history.json")
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1'))
    assert f"The model at file://{model} is damaged" in load_model(model)


@pytest.mark.parametrize(
    "kind",
    [
        "tensorflow.saved_model",
        "antigravity.fly",
        "pyspark.ml.util.os",
        "pyspark.ml.tuning.CrossValidatorModel",
    ],
)
def test_a_stage_of_another_class_is_not_even_imported(
    spark: SparkSession, model: Path, kind: str
) -> None:
    """Whoever writes the whole model writes its checksums too."""
    (path,) = model.glob("stages/0_*/metadata/part-*")
    change(path, "org.apache.spark.ml.feature.VectorAssembler", kind)
    write_checksums(spark, str(model))
    assert f"names the class {kind}, which no model here has" in load_model(model)


@pytest.mark.parametrize("place", ["stages/0_*/metadata", "stages/0_*", "stages"])
def test_a_file_that_spark_would_read_as_metadata_names_no_other_class(
    spark: SparkSession, model: Path, place: str
) -> None:
    (folder,) = model.glob(place)
    more = folder / ("aaa" if folder.name == "metadata" else "evaluator/metadata/part-00000")
    more.parent.mkdir(parents=True, exist_ok=True)
    more.write_text('{"class": "this.s"}' + " " * 5000)
    write_checksums(spark, str(model))
    assert "names the class this.s, which no model here has" in load_model(model)


def test_a_network_with_code_inside_a_model_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    network = with_lambda().to_json()
    path = str(tmp_path / "net")
    ElephasClassificationModel(network, [], HISTORY, 2).write().save(path)
    with pytest.raises(InputDataError, match=r"keras\.layers\.Lambda is code"):
        ElephasClassificationModel.load(path)


def test_a_changed_history_is_refused(model: Path) -> None:
    """Also where plain Spark loads the model."""
    (stage,) = model.glob("stages/1_*")
    change(stage / "history.json", '"seed": 0', '"seed": 1')
    with pytest.raises(InputDataError, match=r"history\.json is not what was saved"):
        ElephasClassificationModel.load(str(stage))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    weights = [np.ones((2, 2), "f4")]
    CheckpointFolder(str(tmp_path), {"seed": 1}).save(Checkpoint(weights, [weights], [], HISTORY))
    return tmp_path / "round-000000.npz"


def load_checkpoint(path: Path) -> str:
    with pytest.raises(InputDataError) as refused:
        CheckpointFolder(str(path.parent), {"seed": 1}).load()
    return said(refused.value)


def test_a_checkpoint_loads_as_it_was_saved(checkpoint: Path) -> None:
    loaded = CheckpointFolder(str(checkpoint.parent), {"seed": 1}).load()
    assert loaded is not None
    np.testing.assert_array_equal(loaded.optimizer_states[0][0], np.ones((2, 2)))
    assert loaded.history == HISTORY


@pytest.mark.parametrize("entry", ["weight-00000.npy", "document.npy", "checksums.json"])
def test_a_changed_checkpoint_is_refused(checkpoint: Path, entry: str) -> None:
    with zipfile.ZipFile(checkpoint) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content[entry] = content[entry][:-1] + b"!"
    with zipfile.ZipFile(checkpoint, "w") as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    assert f"The checkpoint {checkpoint} is damaged" in load_checkpoint(checkpoint)


def test_a_cut_checkpoint_is_refused(checkpoint: Path) -> None:
    checkpoint.write_bytes(checkpoint.read_bytes()[:-50])
    assert f"The checkpoint {checkpoint} is damaged" in load_checkpoint(checkpoint)


def test_a_pickled_checkpoint_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    harm = np.array([Harm(tmp_path / "harm")], dtype=object)
    with np.load(checkpoint) as archive:
        content = dict(archive) | {"weight-00000": harm}
    del content["checksums.json"]
    np.savez(checkpoint, **content)
    seal_archive(checkpoint)  # whoever writes the whole file writes its checksums too
    assert f"The checkpoint {checkpoint} is damaged" in load_checkpoint(checkpoint)
    assert not (tmp_path / "harm").exists()
    np.load(checkpoint, allow_pickle=True)["weight-00000"]
    assert (tmp_path / "harm").exists()


def test_parameters_with_an_object_are_refused(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    file = tmp_path / "base/parameters.yml"
    file.write_text(f"seed: !!python/object/apply:os.mkdir ['{tmp_path}/harm']\n")
    loader = OmegaConfigLoader(str(tmp_path), base_env="base", default_run_env="base")
    with pytest.raises(YAMLError) as refused:
        loader["parameters"]
    assert "refused (line 1): could not determine a constructor" in said(refused.value)
    assert not (tmp_path / "harm").exists()

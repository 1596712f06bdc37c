"""Saving and loading a trained network, without pickle, on any file system Spark can reach."""

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from py4j.protocol import Py4JJavaError
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReader, MLWriter
from pyspark.sql import SparkSession

from bank_spark_dl.distributed.checksums import Saved, sha256_of_bytes
from bank_spark_dl.distributed.persistence.metadata import load_metadata, saved_at
from bank_spark_dl.distributed.runtime.safe_keras import refuse_code
from bank_spark_dl.distributed.training.averaging import Arrays, weights_sha256
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.errors import ParameterError
from bank_spark_dl.spark.hadoop_fs import locate, read_bytes, write_bytes

if TYPE_CHECKING:
    from bank_spark_dl.distributed.network_model import NetworkModel

NETWORK, WEIGHTS, HISTORY = "network.json", "weights.npz", "history.json"


class NetworkWriter(MLWriter):
    """Writes Spark ML metadata, `network.json`, `weights.npz` and `history.json`."""

    def __init__(self, instance: "NetworkModel") -> None:
        """Take the model to write."""
        super().__init__()
        self._instance = instance

    def save(self, path: str) -> None:
        """Write the model to a folder that a file system of this Spark has.

        Raises:
            ParameterError: There is no such file system.
        """
        _require_file_system(self.sparkSession, path)
        super().save(path)

    def saveImpl(self, path: str) -> None:  # noqa: N802  Spark's name
        """Write the model; Spark has cleared the path before."""
        model = self._instance
        weights = io.BytesIO()
        np.savez(weights, **{f"{n:05d}": array for n, array in enumerate(model.weights)})
        network = model.keras_model_json.encode()
        history = json.dumps(model.history.to_dict()).encode()
        checksums = _checksums(network, model.weights, history)
        extra = model.saved_values() | {_key(file): sha256 for file, sha256 in checksums.items()}
        DefaultParamsWriter.saveMetadata(model, path, self.sparkSession, extra)
        contents = {NETWORK: network, WEIGHTS: weights.getvalue(), HISTORY: history}
        for file, content in contents.items():
            write_bytes(self.sparkSession, f"{path}/{file}", content)


class NetworkReader(MLReader):  # type: ignore[type-arg]
    """Reads what `NetworkWriter` wrote and checks it."""

    def __init__(self, cls: type[Any]) -> None:
        """Take the class to build."""
        super().__init__()
        self._cls = cls

    def load(self, path: str) -> Any:
        """Read a model.

        Raises:
            InputDataError: There is no such model; network, weights or history are not those that
                were saved; or the network holds code.
            ParameterError: The path is none, or of a file system that Spark does not know here.
        """
        _require_file_system(self.sparkSession, path)
        saved = saved_at(path)
        metadata = load_metadata(self.sparkSession, path, self._cls.__name__)
        network = self._content(path, NETWORK, saved)
        history = self._content(path, HISTORY, saved)
        archive = io.BytesIO(self._content(path, WEIGHTS, saved))
        with (
            saved.readable(f"{WEIGHTS} is not what was saved"),
            np.load(archive, allow_pickle=False) as arrays,
        ):
            weights = [arrays[name] for name in sorted(arrays)]
        found = _checksums(network, weights, history)
        saved.require_same({file: str(metadata.get(_key(file))) for file in found}, found)
        refuse_code(network.decode(), f"{path}/{NETWORK}")
        record = TrainingHistory.from_dict(json.loads(history))
        model = self._cls.from_saved(network.decode(), weights, record, metadata)
        model._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(model, metadata)
        return model

    def _content(self, path: str, file: str, saved: Saved) -> bytes:
        try:
            return read_bytes(self.sparkSession, f"{path}/{file}")
        except Py4JJavaError as error:
            if "FileNotFoundException" not in str(error.java_exception):
                raise
            raise saved.changed(file) from error


def _require_file_system(spark: SparkSession, path: str) -> None:
    """Refuse what is no path, or one of a file system that this Spark does not know."""
    if not isinstance(path, str) or not path:
        raise ParameterError(f"The path of a saved model must be a text, but is {path!r}.")
    try:
        locate(spark, path)
    except Py4JJavaError as error:
        raise ParameterError(
            f"Spark cannot reach {path!r} ({str(error.java_exception.getMessage()).strip()}): give "
            "a path of a file system that it is set up for."
        ) from error


def _checksums(network: bytes, weights: Arrays, history: bytes) -> dict[str, str]:
    """Return the checksums that the metadata hold, by file; that of the weights is over values."""
    return {
        NETWORK: sha256_of_bytes(network),
        WEIGHTS: weights_sha256(weights),
        HISTORY: sha256_of_bytes(history),
    }


def _key(file: str) -> str:
    """Return a file's key in the metadata, such as `weights_sha256`."""
    return file.partition(".")[0] + "_sha256"

"""Saving and loading a trained network, without pickle, on any file system Spark can reach."""

import hashlib
import io
import json
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from pyspark import SparkContext
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReader, MLWriter

from bank_spark_dl.distributed.calibration import Calibration
from bank_spark_dl.distributed.history import TrainingHistory
from bank_spark_dl.distributed.merge import Arrays, weights_sha256
from bank_spark_dl.distributed.safe_network import refuse_code
from bank_spark_dl.errors import InputDataError

if TYPE_CHECKING:
    from bank_spark_dl.distributed.model import ElephasClassificationModel

NETWORK, WEIGHTS, HISTORY = "network.json", "weights.npz", "history.json"


class NetworkWriter(MLWriter):
    """Writes Spark ML metadata, `network.json`, `weights.npz` and `history.json`."""

    def __init__(self, instance: "ElephasClassificationModel") -> None:
        """Take the model to write."""
        super().__init__()
        self._instance = instance

    def saveImpl(self, path: str) -> None:  # noqa: N802  Spark's name
        """Write the model; Spark has cleared the path before."""
        model = self._instance
        history = json.dumps(model.history.to_dict())
        extra = {
            "num_features": model.num_features,
            "network_sha256": _text_sha256(model.keras_model_json),
            "weights_sha256": weights_sha256(model.weights),
            "history_sha256": _text_sha256(history),
            "calibration": asdict(model.calibration),
        }
        DefaultParamsWriter.saveMetadata(model, path, self.sparkSession, extra)
        context = self.sparkSession.sparkContext
        buffer = io.BytesIO()
        np.savez(buffer, **{f"{n:05d}": array for n, array in enumerate(model.weights)})
        write_bytes(context, f"{path}/{NETWORK}", model.keras_model_json.encode())
        write_bytes(context, f"{path}/{WEIGHTS}", buffer.getvalue())
        write_bytes(context, f"{path}/{HISTORY}", history.encode())


class NetworkReader(MLReader):  # type: ignore[type-arg]
    """Reads what `NetworkWriter` wrote and checks it."""

    def __init__(self, cls: type["ElephasClassificationModel"]) -> None:
        """Take the class to build."""
        super().__init__()
        self._cls = cls

    def load(self, path: str) -> "ElephasClassificationModel":
        """Read a model.

        Raises:
            InputDataError: Network, weights or history are not those that were saved, or the
                network holds code.
        """
        context = self.sparkSession.sparkContext
        metadata = DefaultParamsReader.loadMetadata(path, self.sparkSession)
        network = _checked_text(context, path, NETWORK, metadata.get("network_sha256"))
        record = _checked_text(context, path, HISTORY, metadata.get("history_sha256"))
        refuse_code(network, f"{path}/{NETWORK}")
        weights = _weights(read_bytes(context, f"{path}/{WEIGHTS}"), path)
        if weights_sha256(weights) != metadata["weights_sha256"]:
            raise _changed(path, WEIGHTS)
        history = TrainingHistory.from_dict(json.loads(record))
        calibration = Calibration(**metadata.get("calibration", {}))
        model = self._cls(network, weights, history, metadata["num_features"], calibration)
        model._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(model, metadata)
        return model


def write_bytes(context: SparkContext, path: str, content: bytes) -> None:
    """Write a file through Hadoop's FileSystem."""
    file_system, target = _locate(context, path)
    stream = file_system.create(target)
    try:
        stream.write(bytearray(content))
    finally:
        stream.close()


def read_bytes(context: SparkContext, path: str) -> bytes:
    """Read a file through Hadoop's FileSystem."""
    file_system, target = _locate(context, path)
    stream = file_system.open(target)
    try:
        return bytes(context._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))  # type: ignore[union-attr]
    finally:
        stream.close()


def _locate(context: SparkContext, path: str) -> tuple[Any, Any]:
    target = context._jvm.org.apache.hadoop.fs.Path(path)  # type: ignore[union-attr]
    return target.getFileSystem(context._jsc.hadoopConfiguration()), target


def _weights(content: bytes, path: str) -> Arrays:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return [archive[name] for name in sorted(archive)]
    except (BadZipFile, ValueError, OSError, EOFError, zlib.error) as error:
        raise _changed(path, WEIGHTS) from error


def _checked_text(context: SparkContext, path: str, file: str, sha256: str | None) -> str:
    content = read_bytes(context, f"{path}/{file}")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _changed(path, file)
    return content.decode()


def _text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _changed(path: str, file: str) -> InputDataError:
    return InputDataError(
        f"The model at {path} is damaged: {file} is not what was saved. Save the model again."
    )

"""Saving and loading a trained network, without pickle, on any file system Spark can reach."""

import hashlib
import io
import json
import zlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from py4j.protocol import Py4JJavaError
from pyspark import SparkContext
from pyspark.errors import AnalysisException
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReader, MLWriter

from bank_spark_dl.distributed.inference.calibration import OLD_CLIP, Calibration
from bank_spark_dl.distributed.runtime.safe_keras import refuse_code
from bank_spark_dl.distributed.training.averaging import Arrays, weights_sha256
from bank_spark_dl.distributed.training.history import TrainingHistory
from bank_spark_dl.errors import InputDataError, ParameterError

if TYPE_CHECKING:
    from bank_spark_dl.distributed.model import ElephasClassificationModel

NETWORK, WEIGHTS, HISTORY = "network.json", "weights.npz", "history.json"


class NetworkWriter(MLWriter):
    """Writes Spark ML metadata, `network.json`, `weights.npz` and `history.json`."""

    def __init__(self, instance: "ElephasClassificationModel") -> None:
        """Take the model to write."""
        super().__init__()
        self._instance = instance

    def save(self, path: str) -> None:
        """Write the model to a folder that a file system of this Spark has.

        Raises:
            ParameterError: There is no such file system.
        """
        _require_file_system(self.sparkSession.sparkContext, path)
        super().save(path)

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
            "prior_shift": model.prior_shift,
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
            InputDataError: There is no such model; network, weights or history are not those that
                were saved; or the network holds code.
            ParameterError: The path is none, or of a file system that Spark does not know here.
        """
        context = self.sparkSession.sparkContext
        _require_file_system(context, path)
        metadata = self._metadata(path)
        network = _checked_text(context, path, NETWORK, metadata.get("network_sha256"))
        record = _checked_text(context, path, HISTORY, metadata.get("history_sha256"))
        refuse_code(network, f"{path}/{NETWORK}")
        weights = _weights(_content(context, path, WEIGHTS), path)
        if weights_sha256(weights) != metadata.get("weights_sha256"):
            raise _changed(path, WEIGHTS)
        model = self._cls(
            network,
            weights,
            TrainingHistory.from_dict(json.loads(record)),
            metadata["num_features"],
            Calibration(**{"clip": OLD_CLIP} | metadata.get("calibration", {})),
            prior_shift=metadata.get("prior_shift", 0.0),
        )
        model._resetUid(metadata["uid"])
        DefaultParamsReader.getAndSetParams(model, metadata)
        return model

    def _metadata(self, path: str) -> dict[str, Any]:
        """Read what Spark ML notes of the model at a path, if it is one of this kind."""
        wanted = self._cls.__name__
        try:
            metadata: dict[str, Any] = DefaultParamsReader.loadMetadata(path, self.sparkSession)
            saved = metadata["class"].rpartition(".")[2]
        except AnalysisException as error:
            if error.getCondition() != "PATH_NOT_FOUND":
                raise
            raise InputDataError(
                f"There is no saved {wanted} at {path}. Give the folder it was saved to."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise _changed(path, "metadata") from error
        if saved != wanted:
            raise InputDataError(
                f"At {path} lies a saved {saved}, not an {wanted}: load it with {saved}.load, or "
                f"give the folder that an {wanted} was saved to."
            )
        return metadata


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


def _require_file_system(context: SparkContext, path: str) -> None:
    """Refuse what is no path, or one of a file system that this Spark does not know."""
    if not isinstance(path, str) or not path:
        raise ParameterError(f"The path of a saved model must be a text, but is {path!r}.")
    try:
        _locate(context, path)
    except Py4JJavaError as error:
        raise ParameterError(
            f"Spark cannot reach {path!r} ({str(error.java_exception.getMessage()).strip()}): give "
            "a path of a file system that it is set up for."
        ) from error


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
    content = _content(context, path, file)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _changed(path, file)
    return content.decode()


def _content(context: SparkContext, path: str, file: str) -> bytes:
    try:
        return read_bytes(context, f"{path}/{file}")
    except Py4JJavaError as error:
        if "FileNotFoundException" not in str(error.java_exception):
            raise
        raise _changed(path, file) from error


def _text_sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _changed(path: str, file: str) -> InputDataError:
    return InputDataError(
        f"The model at {path} is damaged: {file} is not what was saved. Save the model again."
    )

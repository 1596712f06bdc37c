"""What a machine did to a run, from the errors that it leaves."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from kedro.framework.project import configure_project, settings
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from py4j.clientserver import ClientServerConnection, JavaParameters, PythonParameters
from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.sql import SparkSession

from bank_spark_dl.cli import commands
from bank_spark_dl.cli.commands import RunCommand, run
from bank_spark_dl.datasets import SparkModelDataset
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.hooks.path_overlap import OutputHooks
from bank_spark_dl.messages.diagnostics import user_mistake
from bank_spark_dl.messages.failures import explain


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(
            OSError(28, "No space left on device", "/d/a.json"),
            "The disk is full: /d/a.json. Free some space, or write elsewhere",
            id="disk-full-python",
        ),
        pytest.param(
            RuntimeError("java.io.IOException: No space left on device\n\tat java.base/java.io"),
            "The disk is full. Free",
            id="disk-full-java",
        ),
        pytest.param(
            RuntimeError("org.apache.spark.SparkException: Python worker exited unexpectedly"),
            "A Python worker was killed",
            id="worker-killed",
        ),
        pytest.param(
            RuntimeError(
                "Job aborted due to stage failure: Total size of serialized results of 3 tasks "
                "(80.0 MiB) is bigger than spark.driver.maxResultSize (64.0 MiB)"
            ),
            "A step's tasks sent the driver more than spark.driver.maxResultSize. Raise it",
            id="results",
        ),
        pytest.param(
            RuntimeError("Job aborted: java.lang.OutOfMemoryError: Java heap space"),
            "Spark ran out of memory. Raise spark.driver.memory",
            id="heap",
        ),
        pytest.param(
            RuntimeError("Encountered null while assembling a row with handleInvalid = error"),
            "A column that the network takes is empty in some rows. Fill these fields",
            id="null",
        ),
        pytest.param(
            RuntimeError(
                "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter "
                "with name `fee` cannot be resolved. Did you mean one of the following? [`age`]."
            ),
            "A column is missing: `fee`. What was read was made with other settings",
            id="column",
        ),
        pytest.param(
            NotADirectoryError(20, "Not a directory", "/d/file/02_intermediate"),
            "A folder is needed where a file lies: /d/file/02_intermediate: write elsewhere",
            id="file-for-folder",
        ),
        pytest.param(
            RuntimeError("All masters are unresponsive! Giving up."),
            "The Spark cluster lost",
            id="m",
        ),
        pytest.param(Py4JNetworkError("Answer from Java side is empty"), "Spark stopped", id="net"),
        pytest.param(
            Py4JError("An error occurred while calling o1.save"), "Spark stopped", id="py4j"
        ),
        pytest.param(
            ConnectionRefusedError(111, "Connection refused"),
            "A service that this run reads from or writes to does not answer: [Errno 111]",
            id="refused",
        ),
        pytest.param(
            RuntimeError(
                "Call From here to there:8020 failed on connection exception: "
                "java.net.ConnectException: Connection refused; see hadoop"
            ),
            "A service that this run reads from or writes to does not answer. Check",
            id="refused-hdfs",
        ),
        pytest.param(
            RuntimeError(
                "org.apache.hadoop.fs.UnsupportedFileSystemException: No FileSystem for scheme "
                '"memory"\n\tat org.apache.hadoop.fs.FileSystem'
            ),
            "Spark does not know the storage: memory. Add its package with spark.jars.packages",
            id="storage",
        ),
        pytest.param(
            RuntimeError("java.io.FileNotFoundException: /d/x.parquet/part-0 (Permission denied)"),
            "Permission denied: /d/x.parquet/part-0. Give",
            id="permission-java",
        ),
        pytest.param(
            IsADirectoryError(21, "Is a directory", "/d/metrics.json"),
            "A file is needed where a folder lies: /d/metrics.json: remove",
            id="folder-for-file",
        ),
        pytest.param(
            PermissionError(13, "Permission denied", "/d/a.json"),
            "Permission denied: /d/a.json. Give",
            id="permission",
        ),
        pytest.param(
            OSError(30, "Read-only file system", "/d"), "The disk may only be read: /d:", id="ro"
        ),
    ],
)
def test_a_failure_is_explained(error: Exception, sentence: str) -> None:
    said = user_mistake(error)
    assert said is not None
    assert said.startswith(sentence)
    assert said.endswith("No dataset was left half-written.")


def raised(raise_it: Callable[[], object]) -> BaseException:
    """Return what a function raises, with its traceback and its causes."""
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        raise_it()
    return caught.value


def bug_behind(cause: BaseException, kind: type[Exception], hide: bool) -> BaseException:
    """Return a bug that struck while another error was handled."""

    def strike() -> None:
        try:
            raise cause
        except BaseException:
            if hide:
                raise kind("a bug") from None
            raise kind("a bug")  # noqa: B904 (what Python then shows is the point)

    return raised(strike)


@pytest.mark.parametrize("hide", [True, False], ids=["from-none", "while-handling"])
@pytest.mark.parametrize("kind", [KeyError, TypeError, AttributeError, ValueError])
@pytest.mark.parametrize(
    "cause",
    [
        FileExistsError(17, "File exists", "/d/a"),
        OSError(28, "No space left on device"),
        PermissionError(13, "Permission denied", "/d/a"),
        ConnectionRefusedError(111, "Connection refused"),
        InputDataError("tried another way"),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_a_bug_is_no_failure_of_what_it_struck_beside(
    cause: BaseException, kind: type[Exception], hide: bool
) -> None:
    assert user_mistake(bug_behind(cause, kind, hide)) is None


def test_what_python_hides_is_no_cause() -> None:
    hidden = bug_behind(OSError(28, "No space left on device"), RuntimeError, hide=True)
    assert user_mistake(hidden) is None
    shown = bug_behind(OSError(28, "No space left on device"), RuntimeError, hide=False)
    assert str(user_mistake(shown)).startswith("The disk is full")


@pytest.mark.parametrize(
    "text",
    [
        "could not convert string to float: 'Permission denied'",
        "No space left on device",
        "Read-only file system",
        "java.lang.OutOfMemoryError is no category",
        "NotADirectoryError: '/d' is what the row says",
        "[USER_RAISED_EXCEPTION] said the customer",
        "Python worker died, aged 52",
        "SparkContext was shut down",
    ],
)
@pytest.mark.parametrize("kind", [ValueError, KeyError, TypeError])
def test_rows_in_a_bugs_message_are_no_failure(kind: type[Exception], text: str) -> None:
    assert user_mistake(kind(text)) is None


@pytest.mark.parametrize("text", ["Permission denied", "Read-only file system"])
def test_rows_in_sparks_messages_are_no_failure(text: str) -> None:
    said = f"[CAST_INVALID_INPUT] The value '{text}' of the type \"STRING\" cannot be cast"
    assert user_mistake(RuntimeError(said)) is None


def test_a_file_that_must_be_new_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert user_mistake(raised(lambda: (tmp_path / "a").touch(exist_ok=False))) is None
    said = user_mistake(raised(lambda: (tmp_path / "a").mkdir(exist_ok=True)))
    assert str(said).startswith(f"A folder is needed where a file lies: {tmp_path / 'a'}")


def test_a_place_that_cannot_be_made_is_named() -> None:
    said = user_mistake(raised(lambda: Path("/proc/no/such").mkdir(parents=True)))
    assert str(said).startswith("No folder can be made: /proc/no. Name another place for it, or")
    assert user_mistake(raised(Path("/proc/no").read_text)) is None


@contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port of loopback that refuses connections while the block runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_only_a_spark_that_is_gone_has_stopped() -> None:
    with closed_port() as port:
        to, back = JavaParameters(port=port), PythonParameters()
        spark = ClientServerConnection(to, back, SimpleNamespace(pool=None), None)
        to_spark = raised(spark.connect_to_java_server)
        to_others = raised(lambda: urlopen(f"http://127.0.0.1:{port}/rows.csv"))
    assert str(user_mistake(to_spark)).startswith("Spark stopped in the middle of the run")
    said = user_mistake(to_others)
    assert str(said).startswith("A service that this run reads from or writes to does not answer")


@pytest.mark.parametrize(
    ("root", "whole"),
    [
        ("data", True),
        ("hdfs://name/data", True),
        ("s3://bucket/data", False),
        ("abfs://box@name/data", False),
        ("memory://data", False),
    ],
)
def test_wholeness_is_promised_where_storage_renames(
    root: str, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "launch_early", lambda _: None)  # this process has its own Java
    configure_project("bank_spark_dl")
    catalog = DataCatalog({"m": SparkModelDataset(filepath=f"{root}/m.model")})
    (hooks,) = (hook for hook in settings.HOOKS if isinstance(hook, OutputHooks))

    def fail(**_: Any) -> None:
        hooks.before_pipeline_run(Pipeline([Node(lambda: 1, None, "m")]), catalog)
        raise OSError(28, "No space left on device")

    said = CliRunner().invoke(RunCommand("run", callback=fail, params=run.params)).output
    assert "The disk is full" in said
    assert ("No dataset was left half-written" in said) == whole


def test_a_mistake_of_the_user_comes_first() -> None:
    error = OSError(28, "No space left on device")
    error.__cause__ = InputDataError("the file is empty")
    assert user_mistake(error) == "the file is empty"


def test_a_missing_method_is_a_bug() -> None:
    trace = "An error occurred while calling o1.foo. Trace:\nMethod foo([]) does not exist"
    assert explain([Py4JError(trace)]) is None


def test_a_dataset_that_is_replaced_while_it_is_read_is_named(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = tmp_path / "rows.parquet"
    spark.range(10).write.parquet(str(path))
    before = spark.read.parquet(str(path))
    spark.range(20).write.mode("overwrite").parquet(str(path))
    with pytest.raises(Exception, match="FILE_NOT_EXIST") as gone:
        before.collect()
    said = user_mistake(gone.value)
    assert said is not None
    assert said.startswith(f"A file went away while it was being read: file://{path}/part-")
    assert "Most likely another program has replaced the dataset: run again. No dataset" in said

"""Create the one SparkSession of a run."""

import atexit
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark.class_archive import archive_options
from bank_spark_dl.spark.cleanup import NO_COPIES, close_artifacts, end_idle_worker_monitors
from bank_spark_dl.spark.java import supported_java
from bank_spark_dl.spark.python_workers import WARM_WORKERS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOPBACK = "127.0.0.1"
# As Spark redacts, and what Azure's file systems and encryption call theirs.
SECRET = re.compile(
    r"secret|password|token|access[.]?key|account\.key|\.sas\.|(private|encryption)\.key",
    re.IGNORECASE,
)
# Two columns may differ by case only, and a column may be called ${x}.
NAMES_AS_THEY_ARE = {
    "spark.sql.caseSensitive": "true",
    "spark.sql.variable.substitute": "false",
}
LOG_CONFIG = Path(__file__).parents[1] / "resources" / "log4j2.properties"
_ANSWER = 10  # seconds within which Java answers or has failed
_launching: "Future[None] | None" = None


def start_spark(
    settings: Mapping[str, object], after_java_started: Callable[[], None] = lambda: None
) -> "SparkSession":
    """Start a classic SparkSession with the settings of `spark.yml`.

    With a local master everything listens on loopback only, to nobody without Spark's secret, and
    Python workers use the Python of this process. A cluster's own settings are left alone.

    Args:
        settings: Spark's configuration, name to value; null leaves a setting to `spark-submit` and
            `spark-defaults.conf`.
        after_java_started: Called when Java has inherited the standard error, and before Spark is
            there.

    Returns:
        A new session.

    Raises:
        SurroundingsError: Spark Connect is asked for, there is no Java, or nothing names a master.
    """
    refuse_spark_connect(settings)
    from pyspark.sql import SparkSession

    _await_launch()
    conf = _prepare(settings)
    with _started_java() as java, _own_interrupt():
        _launch_jvm(conf, java)
        _require_master(conf)
        after_java_started()
        session = SparkSession.builder.config(map=dict(conf)).getOrCreate()
        atexit.register(stop_spark, session)  # for a program that ends early, by Ctrl-C say
    _silence_py4j(session)
    return session


def launch_early(settings: Mapping[str, object]) -> None:
    """Start Java in the background for a session that `start_spark` makes later.

    `start_spark` raises what goes wrong. The first launch counts: a process has one Java.
    """
    global _launching
    from pyspark import SparkContext

    if SparkContext._gateway is None and (_launching is None or _launching.done()):
        done: Future[None] = Future()
        thread = Thread(target=_launch, args=[settings, done], daemon=True)
        thread.start()
        _launching = done
        # PySpark removes its temporary folder when Java has answered, also for a refused run.
        atexit.register(thread.join, _ANSWER)


def _launch(settings: Mapping[str, object], done: "Future[None]") -> None:
    try:
        refuse_spark_connect(settings)
        conf = _prepare(settings)
        with _started_java() as java:
            _launch_jvm(conf, java)
    except BaseException as error:  # PySpark exits where it finds no Spark
        done.set_exception(error)
    else:
        done.set_result(None)


def _await_launch() -> None:
    """Wait for Java that was launched early, once."""
    global _launching
    launching, _launching = _launching, None
    if launching is not None:
        launching.result()


@contextmanager
def _started_java() -> Iterator[Path]:
    """Find a Java; raise SurroundingsError if it does not start in the block."""
    with supported_java() as java:
        try:
            yield java
        except Exception as error:
            if "JAVA_GATEWAY_EXITED" not in str(error):
                raise
            raise SurroundingsError(
                f"Spark did not start with {java}: see the lines above, and check "
                "spark.driver.memory and the other settings in conf/base/spark.yml."
            ) from error


def _prepare(settings: Mapping[str, object]) -> dict[str, str]:
    """Set the variables that Spark has no other switch for, and return its configuration."""
    chosen = {key: str(value) for key, value in settings.items() if value is not None}
    hidden = {"spark.redaction.regex": f"(?i){SECRET.pattern}"}
    conf = WARM_WORKERS | NO_COPIES | NAMES_AS_THEY_ARE | hidden | chosen
    if (python := conf.get("spark.pyspark.python")) is not None:
        os.environ["PYSPARK_PYTHON"] = python  # Spark itself does this in `spark-submit` only
    if conf.get("spark.master", "").startswith("local"):
        os.environ["SPARK_LOCAL_IP"] = LOOPBACK  # the UI has no other switch for its address
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        conf = {
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            # The driver deserializes what its port is sent, and loopback is open to every user of
            # the machine. In local mode Spark makes the secret itself.
            "spark.authenticate": "true",
            "spark.ui.killEnabled": "false",  # any page that a browser shows could ask for it
        } | conf
    conf.setdefault(
        "spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile=file:{LOG_CONFIG}"
    )
    return conf


def stop_spark(session: "SparkSession") -> None:
    """Stop a session quietly, even if its JVM is gone.

    Workers that are still loading are stopped with it, which is no error.
    """
    from py4j.protocol import Py4JError

    atexit.unregister(stop_spark)
    if session.sparkContext._jsc is None:  # stopped already
        return
    with suppress(Py4JError, OSError), _logged_nothing(session._jvm):
        with suppress(Py4JError):
            close_artifacts(session)
        session.stop()
        end_idle_worker_monitors(session._jvm)


@contextmanager
def _logged_nothing(jvm: Any) -> Iterator[None]:
    """Switch Spark's log off for a while; the JVM may serve another session afterwards."""
    log4j = jvm.org.apache.logging.log4j
    before = log4j.LogManager.getRootLogger().getLevel()
    log4j.core.config.Configurator.setRootLevel(log4j.Level.OFF)
    try:
        yield
    finally:
        log4j.core.config.Configurator.setRootLevel(before)


def _silence_py4j(session: "SparkSession") -> None:
    """Silence log records that repeat the exception of a call when the JVM is gone."""
    logging.getLogger().addFilter(_is_not_from_py4j)
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    server: Any = session.sparkContext._accumulatorServer
    server.handle_error = lambda request, address: None


def _is_not_from_py4j(record: logging.LogRecord) -> bool:
    return "py4j" not in record.pathname  # Py4J logs to the root


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Keep a program's own handler of Ctrl-C, if it has one.

    Spark's handler cancels jobs, which serves a notebook; but it talks to the JVM in the middle of
    whatever else is being said to it, which ends in any kind of error.
    """
    before = signal.getsignal(signal.SIGINT)
    # A half-started session cannot be stopped: Ctrl-C waits until it has started.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if before is not signal.default_int_handler and current_thread() is main_thread():
            signal.signal(signal.SIGINT, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _launch_jvm(conf: dict[str, str], java: Path) -> None:
    """Start the JVM, if there is none, without the secrets among the settings.

    In local mode it takes Spark's classes from their archive, if there is one.

    PySpark writes all settings on Java's command line, which every user of the machine can read;
    those that the session has in addition reach the JVM through its authenticated gateway.
    """
    from pyspark import SparkConf, SparkContext

    if SparkContext._gateway is not None:
        return
    if conf.get("spark.master", "").startswith("local"):
        conf["spark.driver.extraJavaOptions"] += archive_options(java)
    public = [(key, value) for key, value in conf.items() if not SECRET.search(key)]
    SparkContext._ensure_initialized(conf=SparkConf().setAll(public))


def _require_master(conf: Mapping[str, str]) -> None:
    """Refuse a local master that only Spark named: it would listen to the whole network."""
    from pyspark import SparkConf

    if "spark.master" not in conf and SparkConf().get("spark.master", "local").startswith("local"):
        raise SurroundingsError(
            "No cluster is named: spark.yml has no spark.master, and neither spark-submit nor "
            "spark-defaults.conf names one. Name it in spark.yml, for example "
            "spark.master: spark://HOST:7077."
        )


def refuse_spark_connect(settings: Mapping[str, object]) -> None:
    """Raise SurroundingsError where a Spark Connect session would be made or is running."""
    asked = "spark.remote" in settings or settings.get("spark.api.mode", "classic") != "classic"
    if asked or "SPARK_REMOTE" in os.environ or "SPARK_CONNECT_MODE_ENABLED" in os.environ:
        raise SurroundingsError(
            "Spark Connect is set up here (SPARK_REMOTE, SPARK_CONNECT_MODE_ENABLED, spark.remote "
            "or spark.api.mode), and Elephas trains on RDDs, which it does not have: remove that "
            "setting and name a classic master in spark.yml, for example spark.master: local[*]."
        )


def active_spark() -> "SparkSession | None":
    """Return the SparkSession of this process, if there is one."""
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()

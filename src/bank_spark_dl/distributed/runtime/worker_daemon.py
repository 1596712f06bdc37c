"""Fork Spark's Python workers from a process with slow imports already done.

Spark starts it as `python -m <spark.python.daemon.module>`. Importing TensorFlow takes seconds, and
Spark's own daemon lets each new worker pay them; here the daemon pays once and forks share the
pages. Only the training pool imports TensorFlow (see `worker_pool`); the others import what
reads Arrow.
"""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from zipimport import zipimporter

from bank_spark_dl.distributed.runtime.keras_import import held_stderr, no_garbage_collection
from bank_spark_dl.distributed.runtime.worker_pool import PRELOAD_VARIABLE

ARROW_MODULES = ("numpy", "pandas", "pyarrow", "bank_spark_dl.distributed.inference.numpy_forward")
TRAINING_MODULES = ("bank_spark_dl.distributed.training.worker",)


def preload(modules: Iterable[str]) -> None:
    """Import modules once for all forks.

    No TensorFlow operation may run here: the threads it starts do not survive a fork.
    """
    # Spark reads the daemon's port from stdout: an import that prints must not reach it.
    with contextlib.redirect_stdout(sys.stderr), held_stderr(), no_garbage_collection():
        for module in modules:
            import_module(module)
    # Networks of other settings are traced anew, of which TensorFlow warns.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    # Spark's daemon collects garbage after every task; walking TensorFlow's modules takes longer
    # than a short round.
    gc.freeze()


def keep_archive_directories() -> None:
    """Stop Python from reading the directories of Spark's own zip files anew for every task.

    Spark invalidates Python's import caches at the start of each task, in case files were added.
    Archives on the path, which never change, cost 0.3 s of computing each time; a new archive is
    read at its first import as before.
    """
    setattr(zipimporter, "invalidate_caches", lambda self: None)  # noqa: B010  a method to mypy


def main() -> None:
    """Serve forks until Spark closes stdin."""
    keep_archive_directories()
    preload(TRAINING_MODULES if os.environ.get(PRELOAD_VARIABLE) else ARROW_MODULES)
    import_module("pyspark.daemon").manager()


if __name__ == "__main__":
    main()

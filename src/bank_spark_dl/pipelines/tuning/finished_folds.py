"""Keep the figures of trained folds on disk, so that a search that was killed goes on."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

from bank_spark_dl import __version__
from bank_spark_dl.pipelines.tuning.results import FoldFigures
from bank_spark_dl.spark.row_hash import hash_rows

logger = logging.getLogger(__name__)

FOLDER = "06_models/tuning"
FoldOutcome = FoldFigures | str


class FinishedFolds:
    """Figures by name of the training, or the message of the error that has ended it."""

    def __init__(self, folder: Path | None) -> None:
        """Read what an earlier run of the same search has left.

        Args:
            folder: Where the files lie, one for each training; None: nothing is kept.
        """
        self._folder = folder
        self._known: dict[str, FoldOutcome] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted(folder.glob("*.json")):
                self._known[file.stem] = json.loads(file.read_text(encoding="utf-8"))
        if self._known:
            logger.info("Going on: %d trainings of this search are there", len(self._known))

    def get(self, name: str) -> FoldOutcome | None:
        """Return what a training has given; None if it has not ended."""
        return self._known.get(name)

    def add(self, name: str, outcome: FoldOutcome) -> None:
        """Keep what a training has given. Threads may do so at the same time."""
        self._known[name] = outcome
        if self._folder is not None:
            hidden = self._folder / f".{name}"
            hidden.write_text(json.dumps(outcome), encoding="utf-8")
            hidden.replace(self._folder / f"{name}.json")


def open_folds(data_root: str, rows: DataFrame, search: Sequence[Any]) -> FinishedFolds:
    """Open the folder of a search: the same rows and settings have the same one.

    Args:
        data_root: Where results lie.
        rows: What the search trains on.
        search: All that decides the trials and their figures, as plain values.
    """
    if "://" in data_root:
        logger.info("data_root is %s: a search that is killed begins anew", data_root)
        return FinishedFolds(None)
    decides = json.dumps([__version__, hash_rows(rows), *search], sort_keys=True)
    name = hashlib.sha256(decides.encode()).hexdigest()[:16]
    return FinishedFolds(Path(data_root) / FOLDER / name)

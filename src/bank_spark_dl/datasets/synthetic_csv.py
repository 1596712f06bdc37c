"""Synthetic rows as CSV, with a marker file beside them."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset, DatasetError

from bank_spark_dl.datasets.atomic_folders import replace_folder
from bank_spark_dl.datasets.raw_source import MARKER
from bank_spark_dl.errors import NotWrittenError
from bank_spark_dl.spark.project_session import spark_of_datasets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class SyntheticCSVDataset(
    AbstractDataset["tuple[DataFrame, dict[str, Any]]", "tuple[DataFrame, dict[str, Any]]"]
):
    """Rows and the facts about them: a CSV path, and `<path>.synthetic.json` beside it.

    A frame of one partition becomes one CSV file, any other a folder of them, one per partition,
    written in parallel. Nothing in the files depends on when or where they were written. What lies
    at the path is replaced only if it is marked as synthetic, and only when all new rows are
    written. The path is one that the driver and the executors share; hdfs or s3 are not supported.
    """

    _SINGLE_PROCESS = True  # a Spark session belongs to one process

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Keep the path.

        Args:
            filepath: Where the CSV file or folder lies. Kedro makes it absolute.
            metadata: For Kedro-Viz and others; not looked at here.
        """
        self._path = Path(filepath)
        self._marker = self._path.with_name(self._path.name + MARKER)
        self.metadata = metadata

    def load(self) -> "tuple[DataFrame, dict[str, Any]]":
        """Read the rows, types inferred, and their facts."""
        if not self._exists():
            raise NotWrittenError(self._path)
        spark = spark_of_datasets()
        rows = spark.read.csv(f"file://{self._path.absolute()}", header=True, inferSchema=True)
        return rows, json.loads(self._marker.read_text(encoding="utf-8"))

    def save(self, data: "tuple[DataFrame, dict[str, Any]]") -> None:
        """Write rows and facts beside the path, then put them in its place.

        Args:
            data: The rows, and the facts as a JSON object.

        Raises:
            DatasetError: When something lies at the path that is not marked as synthetic.
        """
        rows, facts = data
        self._refuse_real_data()
        beside = self._path.with_name(f".{self._path.name}.parts")

        def write(uri: str) -> None:
            rows.write.csv(f"file://{beside.absolute()}", header=True, lineSep="\n")
            _parts_in(beside).replace(Path(uri.removeprefix("file://")))
            # The marker before the swap: no synthetic row ever lies unmarked.
            new_marker = beside / "marker"
            text = json.dumps(facts, indent=2) + "\n"
            new_marker.write_text(text, encoding="utf-8", newline="\n")
            new_marker.replace(self._marker)

        shutil.rmtree(beside, ignore_errors=True)
        try:
            replace_folder(rows.sparkSession, f"file://{self._path.absolute()}", write)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _refuse_real_data(self) -> None:
        if self._path.exists() and not self._marker.exists():
            raise DatasetError(
                f"{self._path} is not replaced: without {self._marker.name} beside it, it may be "
                "real data. Name another path, or remove it first."
            )

    def _exists(self) -> bool:
        return self._path.exists() and self._marker.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


def _parts_in(folder: Path) -> Path:
    """Strip what Spark adds to its CSV files: random names, checksums, a success flag.

    Returns:
        The only file, or a folder of `part-00000.csv` and so on.
    """
    parts = sorted(folder.glob("part-*.csv"))
    if len(parts) == 1:
        return parts[0]
    clean = folder / "parts"
    clean.mkdir()
    for number, part in enumerate(parts):
        part.replace(clean / f"part-{number:05}.csv")
    return clean

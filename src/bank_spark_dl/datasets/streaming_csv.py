"""A read-only Kedro dataset: a folder of CSV files to read as a stream."""

from bank_spark_dl.csv_validation import CSVStream
from bank_spark_dl.datasets.checked_csv import CheckedCSVDataset
from bank_spark_dl.spark.project_session import spark_of_datasets


class StreamingCSVDataset(CheckedCSVDataset):
    """A folder to which CSV files are moved; takes what `CheckedCSVDataset` takes."""

    def _load(self) -> CSVStream:  # type: ignore[override]
        """Return the folder with what is declared of its files; nothing is read yet."""
        ignored, optional = (self._load_args.get(key, ()) for key in ("ignored", "optional"))
        return CSVStream(
            spark_of_datasets(), self._spark_path, self._schema, ignored, self.form, optional
        )

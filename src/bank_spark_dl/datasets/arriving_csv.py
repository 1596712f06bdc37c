"""A read-only Kedro dataset: CSV files that are still arriving."""

from typing import TYPE_CHECKING

from bank_spark_dl.datasets.checked_csv import CheckedCSVDataset

if TYPE_CHECKING:
    from bank_spark_dl.csv_validation import ArrivingFiles


class ArrivingCSVDataset(CheckedCSVDataset):
    """A folder of CSV files for a stream; takes what `CheckedCSVDataset` takes."""

    def _load(self) -> "ArrivingFiles":  # type: ignore[override]
        """Return the folder with what is declared of its files; nothing is read yet."""
        from bank_spark_dl.csv_validation import ArrivingFiles
        from bank_spark_dl.csv_validation.options import CSVOptions
        from bank_spark_dl.spark.project_session import spark_of_datasets

        options = dict(self._load_args)
        ignored, optional = options.pop("ignored", ()), options.pop("optional", ())
        return ArrivingFiles(
            spark_of_datasets(),
            self._spark_path,
            self._schema,
            ignored,
            CSVOptions.parse(options),
            optional,
        )

"""Spark frames on disk."""

from typing import TYPE_CHECKING, Any

from kedro_datasets._typing import TablePreview
from kedro_datasets._utils.databricks_utils import to_spark_path
from kedro_datasets.spark import SparkDatasetV2

from bank_spark_dl.datasets.atomic_folders import is_there, refuse_foreign, replace_folder
from bank_spark_dl.datasets.csv_injection import quote_formulas
from bank_spark_dl.datasets.parquet_schema import written_schema
from bank_spark_dl.datasets.previews import parquet_preview
from bank_spark_dl.errors import NotWrittenError
from bank_spark_dl.spark.project_session import spark_of_datasets

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class SparkFrameDataset(SparkDatasetV2):  # type: ignore[misc]
    """Kedro's Spark dataset, which replaces only with complete content and has a preview.

    In CSV, texts that a spreadsheet would compute get an apostrophe in front.
    """

    LAZY = True  # rows are read when they are used, not when it is loaded

    def preview(self, nrows: int = 5) -> TablePreview:
        """Return the first rows for Kedro-Viz, read without starting Spark.

        Args:
            nrows: Rows to show.
        """
        return parquet_preview(to_spark_path(self._protocol, str(self._get_load_path())), nrows)

    def _load(self) -> "DataFrame":
        if not self._exists():
            raise NotWrittenError(self._spark_path)
        if self._file_format == "parquet" and not (self._schema or self._load_args):
            spark = spark_of_datasets()
            if schema := written_schema(spark, self._spark_path):
                return spark.read.schema(schema).parquet(self._spark_path)
        rows: DataFrame = super()._load()
        return rows

    def _exists(self) -> bool:
        return is_there(spark_of_datasets(), self._spark_path)

    def _save(self, data: "DataFrame") -> None:
        refuse_foreign(data.sparkSession, self._spark_path)
        if self._file_format == "csv":
            data = quote_formulas(data)
        options: dict[str, Any] = dict(self._save_args)
        writer = data.write.format(self._file_format).mode(options.pop("mode", "overwrite"))
        replace_folder(data.sparkSession, self._spark_path, writer.options(**options).save)

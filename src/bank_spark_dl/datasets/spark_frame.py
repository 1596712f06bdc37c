"""Spark frames on disk."""

from typing import TYPE_CHECKING, Any

from kedro_datasets._typing import TablePreview
from kedro_datasets._utils.databricks_utils import to_spark_path
from kedro_datasets.spark import SparkDatasetV2

from bank_spark_dl.datasets.absent import not_there
from bank_spark_dl.datasets.previews import parquet_preview

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
        from bank_spark_dl.datasets.footers import written_schema
        from bank_spark_dl.spark.project_session import spark_of_datasets

        if not self._exists():
            raise not_there(self._spark_path)
        if self._file_format == "parquet" and not (self._schema or self._load_args):
            spark = spark_of_datasets()
            if schema := written_schema(spark, self._spark_path):
                return spark.read.schema(schema).parquet(self._spark_path)
        rows: DataFrame = super()._load()
        return rows

    def _exists(self) -> bool:
        from bank_spark_dl.datasets.replace import is_there
        from bank_spark_dl.spark.project_session import spark_of_datasets

        return is_there(spark_of_datasets(), self._spark_path)

    def _save(self, data: "DataFrame") -> None:
        from bank_spark_dl.datasets.formulas import quote_formulas
        from bank_spark_dl.datasets.replace import refuse_foreign, write_beside

        refuse_foreign(data.sparkSession, self._spark_path)
        if self._file_format == "csv":
            data = quote_formulas(data)
        options: dict[str, Any] = dict(self._save_args)
        writer = data.write.format(self._file_format).mode(options.pop("mode", "overwrite"))
        write_beside(data.sparkSession, self._spark_path, writer.options(**options).save)

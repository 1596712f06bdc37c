"""The texts of CSV files, as they stand there."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial, reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, StringType, StructField, StructType

from bank_spark_dl.csv_validation.files import find_files, read_heads, shown
from bank_spark_dl.csv_validation.header import read_header
from bank_spark_dl.csv_validation.numbered_columns import name_of, numbered
from bank_spark_dl.csv_validation.options import EXACT_PATHS, MALFORMED, CSVOptions
from bank_spark_dl.csv_validation.row_numbers import BLOCK, FILE

NO_TYPES: Mapping[str, DataType] = {}


@dataclass(frozen=True)
class TextFiles:
    """Files whose headers are as declared.

    Attributes:
        spark: A classic session.
        orders: Paths by the order of their files' columns.
        schema: The declared columns that all files have, numbered.
        options: The form of the files.
    """

    spark: SparkSession
    orders: Mapping[tuple[str, ...], list[str]]
    schema: StructType
    options: CSVOptions

    @property
    def fields(self) -> str:
        """How many fields a row has, ignored columns among them; "4 or 5" if files differ."""
        return " or ".join(map(str, sorted(set(map(len, self.orders)))))

    def read(self, multi_line: bool, types: Mapping[str, DataType] = NO_TYPES) -> DataFrame:
        """Return all columns by number; beside them the malformed row, the file and the block.

        Args:
            multi_line: Whether a line break may stand inside quotes.
            types: Of columns that Spark itself is to read; all others are texts.
        """
        first, *others = (self._read(names, multi_line, types) for names in self.orders)
        # Ignored columns may be missing from some files; no others can.
        return reduce(partial(DataFrame.unionByName, allowMissingColumns=True), others, first)

    def break_inside_quotes(self) -> bool:
        """Look for a line in which a quote stays open: one with an odd number of quotes."""
        line, quote = sf.col("value"), self.options.quote
        if self.options.escape != quote:
            line = sf.replace(line, sf.lit(self.options.escape + quote), sf.lit(""))
        quotes = sf.length(line) - sf.length(sf.replace(line, sf.lit(quote), sf.lit("")))
        files = [file for group in self.orders.values() for file in group]
        lines = self.spark.read.options(**EXACT_PATHS).text(files)
        return not lines.where(quotes % 2 == 1).isEmpty()

    def _read(
        self, names: tuple[str, ...], multi_line: bool, types: Mapping[str, DataType]
    ) -> DataFrame:
        numbers = {name_of(field): field.name for field in self.schema}
        columns = [numbers.get(name, f"ignored{place}") for place, name in enumerate(names)]
        fields = [StructField(name, types.get(name, StringType())) for name in columns]
        fields.append(StructField(MALFORMED, StringType()))
        reader = self.spark.read.schema(StructType(fields)).options(
            **self.options.for_spark(multi_line)
        )
        return reader.csv(self.orders[names]).select(
            "*",
            sf.col("_metadata.file_path").alias(FILE),
            sf.col("_metadata.file_block_start").alias(BLOCK),
        )


def find_texts(
    spark: SparkSession,
    filepath: str,
    schema: StructType,
    ignored: Collection[str],
    optional: Collection[str],
    options: CSVOptions,
) -> TextFiles:
    """Find the files of a path, a folder or a pattern, and check their headers.

    Args:
        spark: A classic session.
        filepath: The path.
        schema: The declared columns without the ignored ones.
        ignored: Columns that files may have besides.
        optional: Declared columns that files may lack.
        options: The form of the files.

    Raises:
        InputDataError: There is no file, or a header is not as declared.
    """
    orders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    source = find_files(spark, filepath)
    for path, head in zip(source.files, read_heads(spark, source.files), strict=True):
        names = read_header(shown(path), head, schema.names, ignored, optional, options)
        orders[names].append(path)
    there = [field for field in schema if all(field.name in names for names in orders)]
    if len(orders) == 1:
        # Spark starts a job to list more than 32 paths; what stands above them it lists itself.
        orders = dict.fromkeys(orders, source.roots)
    return TextFiles(spark, orders, numbered(StructType(there)), options)

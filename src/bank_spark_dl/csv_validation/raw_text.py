"""Read the texts of CSV files, before they become what the schema declares."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import DataType, StringType, StructField, StructType

from bank_spark_dl.csv_validation.columns import BLOCK, FILE, MALFORMED
from bank_spark_dl.csv_validation.files import find_files, read_heads
from bank_spark_dl.csv_validation.header import read_header
from bank_spark_dl.csv_validation.options import EXACT_PATHS, CSVOptions
from bank_spark_dl.csv_validation.whitespace import is_padded, trimmed
from bank_spark_dl.spark.hadoop_fs import shown
from bank_spark_dl.spark.sql import quoted

NO_TYPES: Mapping[str, DataType] = {}


@dataclass(frozen=True)
class TextFiles:
    """Files whose headers are as declared.

    Attributes:
        spark: A classic session.
        orders: Paths by the order of their files' columns.
        schema: The declared columns that all files have.
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

    def read(self, multi_line: bool) -> DataFrame:
        """Return the declared columns as trimmed texts.

        Args:
            multi_line: Whether a line break may stand inside quotes.

        Returns:
            The texts; beside them whether each was padded, the malformed row, file and block.
        """
        return reduce(
            DataFrame.unionByName, (self._read(names, multi_line) for names in self.orders)
        )

    def read_untrimmed(
        self, multi_line: bool, types: Mapping[str, DataType], placed: bool = False
    ) -> DataFrame:
        """Return the declared columns as they stand in the files, and the malformed row.

        Args:
            multi_line: Whether a line break may stand inside quotes.
            types: Of columns that Spark itself is to read; all others are texts.
            placed: Whether to return file and block, too.
        """
        columns = (*map(quoted, self.schema.names), MALFORMED)
        loaded = (self._load(names, multi_line, types) for names in self.orders)
        return reduce(
            DataFrame.unionByName,
            (raw.select(*columns, *(_places(raw) if placed else ())) for raw in loaded),
        )

    def break_inside_quotes(self) -> bool:
        """Look for a line in which a quote stays open: one with an odd number of quotes."""
        line, quote = sf.col("value"), self.options.quote
        if self.options.escape != quote:
            line = sf.replace(line, sf.lit(self.options.escape + quote), sf.lit(""))
        quotes = sf.length(line) - sf.length(sf.replace(line, sf.lit(quote), sf.lit("")))
        files = [file for group in self.orders.values() for file in group]
        lines = self.spark.read.options(**EXACT_PATHS).text(files)
        return not lines.where(quotes % 2 == 1).isEmpty()

    def _read(self, names: tuple[str, ...], multi_line: bool) -> DataFrame:
        raw = self._load(names, multi_line)
        declared = self.schema.names
        return raw.select(
            *map(trimmed, declared), *map(is_padded, declared), MALFORMED, *_places(raw)
        )

    def _load(
        self, names: tuple[str, ...], multi_line: bool, types: Mapping[str, DataType] = NO_TYPES
    ) -> DataFrame:
        reader = self.spark.read.schema(text_schema(names, types))
        return reader.options(**self.options.for_spark(multi_line)).csv(self.orders[names])


def _places(raw: DataFrame) -> list[Column]:
    """Return the columns that say in which file and block a row stands."""
    metadata = raw.metadataColumn("_metadata")
    return [metadata["file_path"].alias(FILE), metadata["file_block_start"].alias(BLOCK)]


def text_schema(names: tuple[str, ...], types: Mapping[str, DataType] = NO_TYPES) -> StructType:
    """Return the schema that reads a file's columns as texts, and malformed rows beside.

    Args:
        names: All columns of the file, in order.
        types: Of columns that are not to be read as texts.
    """
    columns = (*names, MALFORMED)
    return StructType([StructField(name, types.get(name, StringType())) for name in columns])


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
    common = [field for field in schema if all(field.name in names for names in orders)]
    if len(orders) == 1:
        # Spark starts a job to list more than 32 paths; what stands above them it lists itself.
        orders = dict.fromkeys(orders, source.roots)
    return TextFiles(spark, orders, StructType(common), options)

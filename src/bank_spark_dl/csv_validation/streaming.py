"""Reading CSV files as they arrive in a folder, against a declared schema.

A stream cannot look at all rows before it hands out the first: what `read_checked_csv` counts
beforehand fails here row by row, and the file is refused as a whole.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StringType, StructField, StructType

from bank_spark_dl.csv_validation.constraints import trimmed
from bank_spark_dl.csv_validation.corrupt_files import damage, damaged_file
from bank_spark_dl.csv_validation.files import first_file, read_heads, shown
from bank_spark_dl.csv_validation.header import read_header
from bank_spark_dl.csv_validation.numbered_columns import by_name, by_number, free_name, numbered
from bank_spark_dl.csv_validation.options import MALFORMED, CSVOptions
from bank_spark_dl.csv_validation.reader import typed
from bank_spark_dl.csv_validation.row_numbers import FILE
from bank_spark_dl.csv_validation.stream_conditions import fails_unless_declared
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.sql import quoted

# Spark passes over files that are a week older than the newest, new or not.
NEVER_TOO_OLD = {"maxFileAge": "36500d"}


@dataclass(frozen=True)
class ArrivingFiles:
    """A folder that CSV files arrive in, each whole from the moment that it has its name there.

    Attributes:
        spark: A classic session.
        folder: Path or URI.
        schema: The declared columns.
        ignored: Columns that may be absent, are not checked and not returned.
        options: The form of the files.
        optional: Declared columns that all files may lack; they are checked and returned where the
            first file has them.
    """

    spark: SparkSession
    folder: str
    schema: StructType
    ignored: Sequence[str]
    options: CSVOptions
    optional: Collection[str] = ()

    @property
    def file_column(self) -> str:
        """Name of the column that says where each row is from."""
        return free_name(FILE, self._layout)

    def read(self, id_column: str, files_per_batch: int) -> DataFrame:
        """Return a streaming frame of the rows.

        Computing it fails on the first row that is not as declared; the message names its file
        and its id, or shows the row.

        A file is read by one task, since a quoted field may hold a line break, unless ``multiLine``
        says otherwise.

        Args:
            id_column: Names rows in messages.
            files_per_batch: Files at most that are read at a time.

        Returns:
            The declared columns in declared order and type, and `file_column`, where each row is
            from.

        Raises:
            InputDataError: The folder does not exist, or the header of a file in it is not as
                declared.
        """
        names = self._layout
        schema = numbered(StructType([field for field in self._declared() if field.name in names]))
        checked = self._texts(schema, names, files_per_batch).where(
            fails_unless_declared(schema, id_column, len(names))
        )
        return checked.selectExpr(*typed(schema), FILE).select(
            *by_name(schema), sf.col(FILE).alias(self.file_column)
        )

    def why(self, error: BaseException) -> InputDataError | None:
        """Say what is wrong with the file that a stream stopped at.

        Args:
            error: What stopped it.

        Returns:
            The reason, if Spark could not read a file: another header than the other files', or
            damage.
        """
        file = damaged_file(error)
        if file is None:
            return None
        try:
            names, now = self._header(file), self._find_layout()
        except InputDataError as reason:
            return reason
        expected = self._layout
        if names == expected:
            return damage(file, error)
        advice = "Correct this file in its place and run again."
        if names == now:  # the folder was empty when the stream began
            advice = "Run again: the stream then takes the columns of its first file."
        return InputDataError(
            f"{shown(file)}: its columns are {', '.join(names)}, but those of the stream are "
            f"{', '.join(expected)}: all its files need the same ones in the same order. {advice}"
        )

    def _texts(self, schema: StructType, names: tuple[str, ...], files_per_batch: int) -> DataFrame:
        """Return the trimmed texts of the columns by number, the malformed row and the file."""
        malformed = free_name(MALFORMED, names)
        texts = StructType([StructField(name, StringType()) for name in (*names, malformed)])
        raw = (
            self.spark.readStream.schema(texts)
            .options(**self.options.for_spark(self.options.multi_line is not False, malformed))
            .options(**NEVER_TOO_OLD, enforceSchema=False, maxFilesPerTrigger=files_per_batch)
            .csv(self.folder)
        )
        path = sf.url_decode(
            sf.replace(raw.metadataColumn("_metadata")["file_path"], sf.lit("+"), sf.lit("%2B"))
        )
        by_numbers = raw.select(
            *by_number(schema),
            sf.col(quoted(malformed)).alias(MALFORMED),
            sf.regexp_replace(path, "^file:/+", "/").alias(FILE),
        )
        return by_numbers.select(*map(trimmed, schema.names), MALFORMED, FILE)

    @cached_property
    def _layout(self) -> tuple[str, ...]:
        """Columns of all files of this stream.

        Each further file's header is compared with them when Spark reads it.
        """
        return self._find_layout()

    def _find_layout(self) -> tuple[str, ...]:
        """Return the columns of the first file; while there is none, those that are declared."""
        file = first_file(self.spark, self.folder)
        return tuple(self._declared().names) if file is None else self._header(file)

    def _header(self, file: str) -> tuple[str, ...]:
        (head,) = read_heads(self.spark, [file])
        declared = self._declared().names
        return read_header(shown(file), head, declared, self.ignored, self.optional, self.options)

    def _declared(self) -> StructType:
        return StructType([field for field in self.schema if field.name not in self.ignored])

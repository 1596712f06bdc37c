"""Read CSV files as a stream while they arrive in a folder, against a declared schema.

A stream cannot look at all rows before it hands out the first. What `read_checked_csv` counts
beforehand stops a stream at the first such row, and none of the file's rows is handed out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation.columns import FILE, MALFORMED
from bank_spark_dl.csv_validation.constraints import typed
from bank_spark_dl.csv_validation.corrupt_files import corrupt_file, corrupt_file_error
from bank_spark_dl.csv_validation.files import first_file, read_heads
from bank_spark_dl.csv_validation.header import as_declared, parse_header, read_header
from bank_spark_dl.csv_validation.options import CSVOptions
from bank_spark_dl.csv_validation.raw_text import text_schema
from bank_spark_dl.csv_validation.stream_errors import fails_unless_valid
from bank_spark_dl.csv_validation.whitespace import trimmed
from bank_spark_dl.errors import InputDataError
from bank_spark_dl.spark.hadoop_fs import shown

# By default Spark ignores files that are a week older than the newest, new or not.
NEVER_TOO_OLD = {"maxFileAge": "36500d"}


@dataclass(frozen=True)
class CSVStream:
    """A folder to which complete CSV files are moved, one after the other.

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
        """Name of the column that says where each row is from; no column of the files has it."""
        name = "__file"
        while name in self._layout:
            name = f"_{name}"
        return name

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
        found = {self._renamed(names).get(name, name) for name in names}
        schema = StructType([field for field in self._declared() if field.name in found])
        texts = self._texts(schema, names, files_per_batch)
        valid = texts.where(fails_unless_valid(schema, id_column, len(names), self.options))
        return valid.select(*typed(schema, self.options), sf.col(FILE).alias(self.file_column))

    def why(self, error: BaseException) -> InputDataError | None:
        """Say what is wrong with the file that a stream stopped at.

        Args:
            error: What stopped it.

        Returns:
            The reason, if Spark could not read a file: its header differs from the other files', or
            it is corrupt.
        """
        file = corrupt_file(error)
        if file is None:
            return None
        try:
            names, now = self._header(file), self._find_layout()
        except InputDataError as reason:
            return reason
        expected = self._layout
        if names == expected:
            return corrupt_file_error(file, error)
        advice = "Correct this file in its place and run again."
        if names == now:  # the folder was empty when the stream began
            advice = "Run again: the stream then takes the columns of its first file."
        return InputDataError(
            f"{shown(file)}: its columns are {', '.join(names)}, but those of the stream are "
            f"{', '.join(expected)}: all its files need the same ones in the same order. {advice}"
        )

    def _texts(self, schema: StructType, names: tuple[str, ...], files_per_batch: int) -> DataFrame:
        """Return the trimmed texts, the malformed row and the file."""
        reader = self.spark.readStream.schema(text_schema(names))
        raw = (
            reader.options(**self.options.for_spark(self.options.multi_line is not False))
            .options(**NEVER_TOO_OLD, enforceSchema=False, maxFilesPerTrigger=files_per_batch)
            .csv(self.folder)
            .withColumnsRenamed(self._renamed(names))
        )
        path = sf.url_decode(
            sf.replace(raw.metadataColumn("_metadata")["file_path"], sf.lit("+"), sf.lit("%2B"))
        )
        file = sf.regexp_replace(path, "^file:/+", "/").alias(FILE)
        return raw.select(*map(trimmed, schema.names), MALFORMED, file)

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
        """Return a file's columns as they stand in it: Spark compares them letter by letter."""
        (head,) = read_heads(self.spark, [file])
        declared = self._declared().names
        read_header(shown(file), head, declared, self.ignored, self.optional, self.options)
        return parse_header(shown(file), head, self.options)

    def _renamed(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return the declared names of columns that the files call otherwise."""
        found = as_declared(names, [*self._declared().names, *self.ignored])
        return {old: new for old, new in zip(names, found, strict=True) if old != new}

    def _declared(self) -> StructType:
        return StructType([field for field in self.schema if field.name not in self.ignored])

"""Options of the CSV reader, with this project's defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bank_spark_dl.csv_validation.columns import MALFORMED
from bank_spark_dl.csv_validation.whitespace import WHITESPACE
from bank_spark_dl.errors import ParameterError

# A path is no pattern (a file's name may hold [ or *), and a folder means its subfolders too.
EXACT_PATHS = {"__globPaths__": "false", "recursiveFileLookup": "true"}

# Setting these would switch off or confuse the check.
_OURS = frozenset(
    {
        "columnnameofcorruptrecord",
        "enforceschema",
        "inferschema",
        "mode",
        "nullvalue",
        "schema",
        "unescapedquotehandling",
    }
)


@dataclass(frozen=True)
class CSVOptions:
    """Options of one read.

    Attributes:
        sep: One character.
        quote: One character.
        escape: What stands before a quote inside quotes.
        encoding: Java's name of it.
        multi_line: Whether a line break may stand inside quotes; None where it is to be found out.
        missing_values: Trimmed texts that mean "no value", as an empty one always does.
        decimal: What stands before decimals, a point or a comma.
        others: Further options of Spark's reader, by name in lower case.
    """

    sep: str = ","
    quote: str = '"'
    escape: str = '"'  # RFC 4180 doubles quotes; Spark's own default is a backslash
    encoding: str = "UTF-8"
    multi_line: bool | None = None
    missing_values: tuple[str, ...] = ()
    decimal: str = "."
    others: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, load_args: Mapping[str, Any]) -> "CSVOptions":
        """Take Spark's reader options as they stand in ``load_args``.

        Raises:
            ParameterError: An option would switch off the check, there is no header, the
                separator is not one character, or `missing_values` or `decimal` is unusable.
        """
        options = {name.lower(): value for name, value in load_args.items()}
        if ours := sorted(_OURS & options.keys()):
            raise ParameterError(
                f"load_args of a checked CSV file may not set {', '.join(ours)}. Remove it."
            )
        if str(options.pop("header", True)).lower() != "true":
            raise ParameterError(
                "A checked CSV file needs a header line with the column names. "
                "Add the line to the file and set header: true in load_args."
            )
        sep = options.pop("sep", options.pop("delimiter", ",")).replace("\\t", "\t")
        if len(sep) != 1:
            raise ParameterError(f"load_args: sep must be one character, not {sep!r}.")
        multi_line = options.pop("multiline", None)
        return cls(
            sep=sep,
            quote=options.pop("quote", '"'),
            escape=options.pop("escape", '"'),
            encoding=options.pop("encoding", "UTF-8"),
            multi_line=None if multi_line is None else str(multi_line).lower() == "true",
            missing_values=_missing_values(options.pop("missing_values", ())),
            decimal=_decimal(options.pop("decimal", "."), sep),
            others=options,
        )

    @property
    def skips_blanks(self) -> bool:
        """Whether blanks may stand before a quote that opens a field."""
        return str(self.others.get("ignoreleadingwhitespace", False)).lower() == "true"

    @property
    def ends_trimmed(self) -> bool:
        """Whether blanks after a value are left out."""
        return str(self.others.get("ignoretrailingwhitespace", False)).lower() == "true"

    def for_spark(self, multi_line: bool) -> dict[str, Any]:
        """Return the options of ``DataFrameReader``.

        Args:
            multi_line: Whether a line break may stand inside quotes.
        """
        return {
            **self.others,
            "header": True,
            "sep": self.sep,
            "quote": self.quote,
            "escape": self.escape,
            "encoding": self.encoding,
            "multiLine": multi_line,
            # Line by line such a field is malformed; else it would swallow rows up to the next one.
            "unescapedQuoteHandling": "RAISE_ERROR" if multi_line else "STOP_AT_DELIMITER",
            "mode": "PERMISSIVE",
            "columnPruning": False,  # a pruned row is not checked for its number of fields
            "columnNameOfCorruptRecord": MALFORMED,
            **EXACT_PATHS,
        }


def _missing_values(given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ParameterError(
            f'load_args: missing_values must be a list of texts such as ["?", "NA"], not {given!r}.'
        )
    for text in given:
        if not isinstance(text, str):
            raise ParameterError(
                f"load_args: missing_values must hold texts, not {text!r}. Write it in quotes."
            )
        if not text.strip(WHITESPACE):
            raise ParameterError(
                "load_args: missing_values holds an empty text. Remove it: an empty field always "
                "means that there is no value."
            )
    return tuple(text.strip(WHITESPACE) for text in given)


def _decimal(given: Any, sep: str) -> str:
    if given not in (".", ","):
        raise ParameterError(f"load_args: decimal must be '.' or ',', not {given!r}.")
    if given == sep:
        raise ParameterError(
            f"load_args: decimal and sep are both {sep!r}. Set them as they are in the file."
        )
    return str(given)

"""What is refused, with the whole message: a row a case."""

import csv
import gzip
from dataclasses import dataclass

from bad_inputs.rows import NAMES, ROWS, fill, put, text

Content = str | bytes | dict[str, str | bytes] | None


@dataclass(frozen=True)
class Refused:
    """A file or folder, and what a user reads; `{f}` is its path."""

    content: Content
    says: str
    name: str = "bank.csv"

    @property
    def about_columns(self) -> bool:
        """Whether the header names other columns than the schema."""
        return self.says.endswith(RENAME)

    @property
    def needless(self) -> bool:
        """Whether it is about columns that scoring may not need."""
        return self.about_columns and ("Missing" in self.says or "Not dec" in self.says)


CORRECT = " Correct these values, or change the column in the schema."
WIDER = " Correct these values, or declare a wider type (long or double) in the schema."
FILL = " Fill these fields, or declare the column nullable in the schema."
QUOTES = " Correct these rows; a field that holds a separator must stand in quotes."
RENAME = " Rename, add or remove these columns in the file, or change the schema."
NOT_NEEDED = " What scoring does not need can be listed under ignored in load_args."
HEADER = "{f}: the header does not fit the declared schema. "
AGE = "{f}: column 'age' must hold whole numbers (int) of at least 0, but "
BALANCE = "{f}: column 'balance' must hold whole numbers (int), but "
JOB = "{f}: column 'job' must hold text, but "
ONE = "1 of 300 rows has something else: row 2 "
ALL_EMPTY = (
    "300 of 300 rows have something else: row 1 is empty, row 2 is empty, row 3 is empty, "
    "row 4 is empty, row 5 is empty, ...." + FILL
)
LABEL = "{f}: the label 'deposit' must have two classes, but has "
LABEL_ADVICE = (
    " Correct the label, or name another column in data.columns.label. If there are more classes, "
    "set data.task to multiclass."
)


def without(*names: str) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name not in names)


REFUSED = {
    # --- files
    "missing_file": Refused(None, "{f} does not exist. Correct the path."),
    "empty_file": Refused("", "{f} is empty. Replace it by a whole copy."),
    "empty_folder": Refused({}, "{f} holds no file. Put the data files there."),
    "header_only": Refused(
        text([]), "{f} has a header but no rows. Put the data below the header."
    ),
    "wrong_separator": Refused(
        text(delimiter=";"),
        "{f}: the header is one single column that holds ';': the separator is not ','. "
        "Set sep to ';' in load_args.",
    ),
    "not_utf_8": Refused(
        text(put("job", "café")).encode("latin-1"),
        JOB + ONE + "has 'caf\ufffd'. The file is not in the declared encoding: save it as UTF-8, "
        "or set encoding.",
    ),
    "utf_16": Refused(
        text().encode("utf-16"),
        "{f} is not UTF-8 text: its header line cannot be decoded. Save the file as UTF-8, or set "
        "encoding in load_args.",
    ),
    "parquet": Refused(
        b"PAR1\x15\x04\x15\x10\n\x00PAR1",
        "{f} is not a CSV file but a Parquet file. Read it with CheckedFrameDataset, which kedro "
        "draft writes into a catalog.",
    ),
    "not_gzip": Refused(
        text().encode(),
        "{f}: its name says that it is compressed, and its content is plain text. Rename it to "
        "bank.csv, without .gz.",
        name="bank.csv.gz",
    ),
    "cut_gzip": Refused(
        gzip.compress(text().encode())[:-2000],
        "{f} cannot be read to its end: it is cut off or damaged. Replace it by a whole copy.",
        name="bank.csv.gz",
    ),
    "colon_in_its_name": Refused(
        text(),
        "{f}: Spark reads no file with a colon in its name. Give it another name.",
        name="bank 10:30.csv",
    ),
    # --- columns
    "no_header": Refused(
        text().split("\n", 1)[1],
        HEADER + "Missing: 'id', 'age', 'job', 'marital', 'education', .... Not declared: '1', "
        "'43', 'technician', 'married', 'tertiary', .... More than once: '1', 'no'." + RENAME,
    ),
    "missing_column": Refused(text(names=without("age")), HEADER + "Missing: 'age'." + RENAME),
    "extra_column": Refused(
        text(names=(*NAMES, "income")), HEADER + "Not declared: 'income'." + RENAME
    ),
    "doubled_column": Refused(
        text(names=(*NAMES, "age")), HEADER + "More than once: 'age'." + RENAME
    ),
    "doubled_label": Refused(
        text(names=(*NAMES, "deposit")), HEADER + "More than once: 'deposit'." + RENAME
    ),
    "differently_cased_columns": Refused(
        text().replace("age,job", "Age,JOB", 1),
        HEADER + "Not declared: 'Age' (did you mean 'age'?), 'JOB' (did you mean 'job'?)." + RENAME,
    ),
    "another_header_in_one_file_of_a_folder": Refused(
        {"part-0.csv": text(), "part-1.csv": text(names=without("age", "job"))},
        HEADER.replace("{f}", "{f}/part-1.csv") + "Missing: 'age', 'job'." + RENAME,
        name="bank",
    ),
    # --- numbers
    "text_in_a_number": Refused(text(put("age", "old")), AGE + ONE + "has 'old'." + CORRECT),
    "text_in_seven_numbers": Refused(
        text(put("age", "old", range(11, 18))),
        AGE + "7 of 300 rows have something else: row 11 has 'old', row 12 has 'old', row 13 has "
        "'old', row 14 has 'old', row 15 has 'old', ...." + CORRECT,
    ),
    "fraction": Refused(text(put("age", "43.5")), AGE + ONE + "has '43.5'." + CORRECT),
    "too_large": Refused(
        text(put("balance", "3000000000")), BALANCE + ONE + "has '3000000000'." + WIDER
    ),
    "nan": Refused(text(put("balance", "NaN")), BALANCE + ONE + "has 'NaN'." + CORRECT),
    "infinity": Refused(
        text(put("balance", "-Infinity")), BALANCE + ONE + "has '-Infinity'." + CORRECT
    ),
    "decimal_comma": Refused(
        text(put("balance", "1234,5")), BALANCE + ONE + "has '1234,5'." + CORRECT
    ),
    "negative_duration": Refused(
        text(put("duration", "-1")),
        "{f}: column 'duration' must hold whole numbers (int) of at least 0, but "
        + ONE
        + "has '-1'."
        + CORRECT,
    ),
    "day_out_of_range": Refused(
        text(put("day", "32")),
        "{f}: column 'day' must hold whole numbers (int) from 1 to 31, but "
        + ONE
        + "has '32'."
        + CORRECT,
    ),
    "two_columns_of_a_folder": Refused(
        {
            "part-0.csv": text(ROWS[:100]),
            "part-1.csv": text(put("age", "old")[:2] + put("job", "")[1:2]),
        },
        "{f}: column 'age' must hold whole numbers (int) of at least 0, but 1 of 103 rows has "
        "something else: row 2 of part-1.csv has 'old'."
        + CORRECT
        + " Rows are invalid in other columns too: 'job' (1).",
        name="bank",
    ),
    # --- empty fields
    "null_in_a_number": Refused(text(put("age", "")), AGE + ONE + "is empty." + FILL),
    "null_in_a_category": Refused(text(put("job", "")), JOB + ONE + "is empty." + FILL),
    "only_blanks_in_a_category": Refused(
        text(put("job", "  "), quoting=csv.QUOTE_ALL), JOB + ONE + "is empty." + FILL
    ),
    "null_in_the_id": Refused(
        text(put("id", "")),
        "{f}: column 'id' must hold whole numbers (int), but " + ONE + "is empty." + FILL,
    ),
    "null_in_the_label": Refused(
        text(put("deposit", "")),
        "{f}: column 'deposit' must hold text, but " + ONE + "is empty." + FILL,
    ),
    "null_in_a_whole_number_column": Refused(text(fill("age", "")), AGE + ALL_EMPTY),
    "null_in_a_whole_text_column": Refused(text(fill("job", "")), JOB + ALL_EMPTY),
    # --- rows
    "too_few_fields": Refused(
        text() + "301,43,technician\n",
        "{f}: 18 fields are declared, but 1 of 301 rows has another number: row 301 has 3."
        + QUOTES,
    ),
    "unquoted_separator": Refused(
        text(put("job", "cook, chef")).replace('"', ""),
        "{f}: 18 fields are declared, but 1 of 300 rows has another number: row 2 has 19." + QUOTES,
    ),
    "two_stray_quotes": Refused(
        text(put("job", "STRAY", (3, 40))).replace("STRAY", '"cook'),
        "{f}: in row 3 a quote opens a field that goes on over several lines to another quote, "
        "which neither closes it nor is doubled. Close the field or remove the quote.",
    ),
    "doubled_ids": Refused(
        text(put("id", "7", (2, 3))),
        "{f}: the id column 'id' must name each row once, but these ids come more often: "
        "7 (3 rows). Correct them, or set data.columns.id to null.",
    ),
    # --- the label
    "one_class": Refused(text(fill("deposit", "no")), LABEL + "1: 'no' (300 rows)." + LABEL_ADVICE),
    "one_row": Refused(text(ROWS[:1]), LABEL + "1: 'no' (1 rows)." + LABEL_ADVICE),
    "three_classes": Refused(
        text(put("deposit", "maybe")),
        LABEL + "3: 'no' (155 rows), 'yes' (144 rows), 'maybe' (1 rows)." + LABEL_ADVICE,
    ),
    "numbers_for_classes": Refused(
        text(row | {"deposit": "12"[row["deposit"] == "yes"]} for row in ROWS),
        "{f}, column 'deposit': The positive class 'yes' is not among the label's values '1', '2'. "
        "Set data.columns.positive to one of them.",
    ),
}

"""What is read as it is, or with its blanks taken away: a row a case."""

import csv
from dataclasses import dataclass, field

from bad_inputs.rows import NAMES, ROWS, Row, padded, put, text

Content = str | bytes | dict[str, str | bytes]
AWKWARD = 'self, "employed"\nor not; who knows'
REVERSED = NAMES[::-1]


@dataclass(frozen=True)
class Read:
    """A file or folder, the rows it means, and how many values it repairs per column."""

    content: Content
    rows: list[Row] = field(default_factory=lambda: ROWS)
    name: str = "bank.csv"
    repaired: dict[str, int] = field(default_factory=dict)


READ = {
    "as_it_should_be": Read(text()),
    "byte_order_mark": Read("\ufeff" + text()),
    "crlf": Read(text(lineterminator="\r\n")),
    "cr": Read(text(lineterminator="\r")),
    "byte_order_mark_and_crlf": Read("\ufeff" + text(lineterminator="\r\n")),
    "no_line_break_at_the_end": Read(text().rstrip("\n")),
    "all_quoted": Read(text(quoting=csv.QUOTE_ALL)),
    "separator_quote_and_line_break_in_a_field": Read(
        text(put("job", AWKWARD, (3, 4))), put("job", AWKWARD, (3, 4))
    ),
    "reordered": Read(text(names=REVERSED)),
    "gzip": Read(text(), name="bank.csv.gz"),
    "folder": Read({"part-0.csv": text(ROWS[:100]), "part-1.csv": text(ROWS[100:])}, name="bank"),
    "folder_of_many_forms": Read(
        {
            "_SUCCESS": "",
            "part-0.csv": "\ufeff" + text(ROWS[:100], REVERSED),
            "part-1.csv.gz": text(ROWS[100:200]),
            "part-2.csv": text(ROWS[200:], lineterminator="\r\n"),
        },
        name="bank",
    ),
    "name_with_brackets_and_blanks": Read(text(), name="bank [1] of 50%.csv"),
    "zero_one_label": Read(
        text(row | {"deposit": "01"[row["deposit"] == "yes"]} for row in ROWS),
        [row | {"deposit": "01"[row["deposit"] == "yes"]} for row in ROWS],
    ),
    "signs_and_leading_zeros": Read(text(put("age", "+043")), put("age", "43")),
    "blanks_around_categories": Read(text(padded("job", " ", "\t")), repaired={"job": 3}),
    "quoted_blanks_around_categories": Read(
        text(padded("job", "", " \u00a0"), quoting=csv.QUOTE_ALL), repaired={"job": 3}
    ),
    "blanks_around_numbers": Read(text(padded("age", " ", " ")), repaired={"age": 3}),
    "blanks_in_two_columns": Read(
        text(padded("deposit", "", " ", padded("loan", " ", ""))),
        repaired={"loan": 3, "deposit": 3},
    ),
}

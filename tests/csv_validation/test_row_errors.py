"""What is refused, and with which words."""

import pytest

from csv_validation.calls import HEADER, PLAIN

HEADER_ADVICE = "Rename, add or remove these columns in the file, or change the schema."
NO_FIT = "{f}: the header does not fit the declared schema. "
ONE_SEP = (
    "{f}: the header is one single column that holds ';': the separator is not ','. "
    "Set sep to ';' in load_args."
)
BELOW = (
    "{f}: the header must be the first line, and it is line {number}, below '{line}'. Remove what "
    "stands above it."
)
INT = "{f}: column 'age' must hold whole numbers (int) of at least 0, but "
RATE = "{f}: column 'rate' must hold finite numbers (double) of at most 100, but "
CORRECT = "Correct these values, or change the column in the schema."
FIELDS = "{f}: 5 fields are declared, but "
FIELDS_ADVICE = "Correct these rows; a field that holds a separator must stand in quotes."
EITHER = (
    "The comma in '1,234' may stand between thousands or before decimals: write it as 1234 or as "
    "1.234, whichever is meant, and all others alike."
)
THOUSANDS = "Write numbers without separators between thousands."
DECODE = "The file is not in the declared encoding: save it as UTF-8, or set encoding."

REFUSED = {
    "empty_file": ("", "{f} is empty. Replace it by a whole copy."),
    "blank_file": ("\n \n", "{f} is empty. Replace it by a whole copy."),
    "header_only": (HEADER, "{f} has a header but no rows. Put the data below the header."),
    "wrong_separator": (PLAIN.replace(",", ";"), ONE_SEP),
    **{
        f"separator_{sep!r}": (PLAIN.replace(",", sep), ONE_SEP.replace("';'", written))
        for sep, written in {
            ":": "':'",
            " ": "a space (' ')",
            "^": "'^'",
            "~": "'~'",
            "\x01": "'\\x01'",
        }.items()
    },
    "separator_beside_a_comma": (
        "id;age;rate, eur;note;y\n1;2;3;a;no\n",
        "{f}: the header names more columns if split at ';': the separator is not ','. Set sep to "
        "';' in load_args.",
    ),
    "separator_line": ("sep=,\n" + PLAIN, BELOW.format(f="{f}", number=2, line="sep=,")),
    "comment_line": (
        "# of May\n" + PLAIN,
        BELOW.format(f="{f}", number=2, line="# of May"),
    ),
    "title": (
        "Calls, all\n\n" + PLAIN.replace(",", ";"),
        BELOW.format(f="{f}", number=3, line="Calls, all"),
    ),
    "missing": ("id,age,rate,note\n", NO_FIT + "Missing: 'y'. " + HEADER_ADVICE),
    "extra": (
        "id,age,rate,note,y,balance\n",
        NO_FIT + "Not declared: 'balance'. " + HEADER_ADVICE,
    ),
    "no_header": (
        "1,30,1.5,a,yes\n",
        NO_FIT + "Missing: 'id', 'age', 'rate', 'note', 'y'. "
        "Not declared: '1', '30', '1.5', 'a', 'yes'. " + HEADER_ADVICE,
    ),
    "differently_cased": (
        "id,Age,rate,NOTE,y\n",
        NO_FIT
        + "Not declared: 'Age' (did you mean 'age'?), 'NOTE' (did you mean 'note'?). "
        + HEADER_ADVICE,
    ),
    "misspelt": (
        "id,age,rates,note,y\n",
        NO_FIT + "Not declared: 'rates' (did you mean 'rate'?). " + HEADER_ADVICE,
    ),
    "doubled": (
        "id,age,rate,note,y,age\n",
        NO_FIT + "More than once: 'age'. " + HEADER_ADVICE,
    ),
    "not_utf_8": (
        (HEADER + "1,30,1.5,a,no\n2,30,1.5,é,no\n").encode("latin-1"),
        "{f}: column 'note' must hold text, but 1 of 2 rows has something else: "
        "row 2 has '\ufffd'. " + DECODE,
    ),
    "header_not_utf_8": (
        "id,age,rate,note,é\n".encode("latin-1"),
        "{f} is not UTF-8 text: its header line cannot be decoded. "
        "Save the file as UTF-8, or set encoding in load_args.",
    ),
    "utf_16": (
        PLAIN.encode("utf-16"),
        "{f} is not UTF-8 text: its header line cannot be decoded. "
        "Save the file as UTF-8, or set encoding in load_args.",
    ),
    "text_in_number": (
        HEADER + "1,30,,,no\n2,old,,,no\n",
        INT + "1 of 2 rows has something else: row 2 has 'old'. " + CORRECT,
    ),
    "fraction_in_whole_number": (
        HEADER + "1,30.5,,,no\n",
        INT + "1 of 1 rows has something else: row 1 has '30.5'. " + CORRECT,
    ),
    "below_minimum": (
        HEADER + "1,-1,,,no\n",
        INT + "1 of 1 rows has something else: row 1 has '-1'. " + CORRECT,
    ),
    "too_large": (
        HEADER + "1,2147483648,,,no\n",
        INT + "1 of 1 rows has something else: row 1 has '2147483648'. "
        "Correct these values, or declare a wider type (long or double) in the schema.",
    ),
    "null": (
        HEADER + "1,,,,no\n2,3,,,no\n",
        INT + "1 of 2 rows has something else: row 1 is empty. "
        "Fill these fields, or declare the column nullable in the schema.",
    ),
    "null_text": (
        HEADER + '1,30,,,""\n',
        "{f}: column 'y' must hold text, but 1 of 1 rows has something else: row 1 is empty. "
        "Fill these fields, or declare the column nullable in the schema.",
    ),
    "not_a_number_and_infinity": (
        HEADER + "1,2,NaN,,no\n1,2,inf,,no\n1,2,-Infinity,,no\n1,2,1e999,,no\n1,2,7d,,no\n",
        RATE + "5 of 5 rows have something else: row 1 has 'NaN', row 2 has 'inf', "
        "row 3 has '-Infinity', row 4 has '1e999', row 5 has '7d'. " + CORRECT,
    ),
    "decimal_comma": (
        HEADER + '1,2,"1,5",,no\n',
        RATE + "1 of 1 rows has something else: row 1 has '1,5'. Write decimals with a point.",
    ),
    "comma_of_either_kind": (
        HEADER + '1,2,"1,234",,no\n2,2,"-9,500",,no\n',
        RATE + "2 of 2 rows have something else: row 1 has '1,234', row 2 has '-9,500'. " + EITHER,
    ),
    "comma_of_either_kind_in_a_whole_number": (
        HEADER + '1,"1,234",,,no\n',
        INT + "1 of 1 rows has something else: row 1 has '1,234'. " + EITHER,
    ),
    "commas_of_both_kinds": (
        HEADER + '1,2,"1,234",,no\n2,2,"1,5",,no\n3,2,"1,234,567",,no\n',
        RATE + "3 of 3 rows have something else: row 1 has '1,234', row 2 has '1,5', row 3 has "
        "'1,234,567'. " + EITHER,
    ),
    "thousand_beside_a_decimal_comma": (
        HEADER + '1,2,"1,234",,no\n2,2,"0,5",,no\n',
        RATE + "2 of 2 rows have something else: row 1 has '1,234', row 2 has '0,5'. Write "
        "decimals with a point.",
    ),
    "three_decimals_of_nothing": (
        HEADER + '1,2,"0,500",,no\n',
        RATE + "1 of 1 rows has something else: row 1 has '0,500'. Write decimals with a point.",
    ),
    "thousands": (
        HEADER + '1,2,"1,234.5",,no\n2,2,"1,234,567",,no\n3,2,"12,34,567",,no\n',
        RATE + "3 of 3 rows have something else: row 1 has '1,234.5', row 2 has '1,234,567', row 3 "
        "has '12,34,567'. " + THOUSANDS,
    ),
    "thousands_with_blanks": (
        HEADER + "1,1 234,,,no\n2,1\u00a0234\u202f567,,,no\n3,1'234,,,no\n",
        INT
        + "3 of 3 rows have something else: row 1 has '1 234', row 2 has '1\\xa0234\\u202f567', "
        'row 3 has "1\'234". ' + THOUSANDS,
    ),
    "thousands_with_points": (
        HEADER + '1,2,"1.234,5",,no\n',
        RATE + "1 of 1 rows has something else: row 1 has '1.234,5'. Write decimals with a point, "
        "and thousands without a separator.",
    ),
    "thousands_with_points_alone": (
        HEADER + "1,2,1.234.567,,no\n2,2,1_000,,no\n",
        RATE
        + "2 of 2 rows have something else: row 1 has '1.234.567', row 2 has '1_000'. "
        + THOUSANDS,
    ),
    "money": (
        HEADER + '1,2,"$1,234",,no\n2,2,"(1,234)",,no\n3,2,-5 EUR,,no\n4,2,€7,,no\n',
        RATE + "4 of 4 rows have something else: row 1 has '$1,234', row 2 has '(1,234)', row 3 "
        "has '-5 EUR', row 4 has '€7'. Write numbers as digits alone, without currency signs, "
        "brackets (a minus sign stands for them) and separators between thousands.",
    ),
    "above_maximum": (
        HEADER + "1,2,100.5,,no\n",
        RATE + "1 of 1 rows has something else: row 1 has '100.5'. " + CORRECT,
    ),
    "more_than_five": (
        HEADER + "1,x,,,no\n" * 7,
        INT + "7 of 7 rows have something else: row 1 has 'x', row 2 has 'x', row 3 has 'x', "
        "row 4 has 'x', row 5 has 'x', .... " + CORRECT,
    ),
    "two_columns": (
        HEADER + "1,x,z,,no\n2,3,z,,no\n",
        INT
        + "1 of 2 rows has something else: row 1 has 'x'. "
        + CORRECT
        + " Rows are invalid in other columns too: 'rate' (2).",
    ),
    "long_value": (
        HEADER + f"1,{'x' * 99},,,no\n",
        INT + f"1 of 1 rows has something else: row 1 has '{'x' * 40}...'. " + CORRECT,
    ),
    "too_few_fields": (
        HEADER + "1,2,,,no\n2,30,1.5\n",
        FIELDS + "1 of 2 rows has another number: row 2 has 3. " + FIELDS_ADVICE,
    ),
    "too_many_fields": (
        HEADER + "1,30,1.5,a, b,no\n2,30,1.5\n",
        FIELDS + "2 of 2 rows have another number: row 1 has 6, row 2 has 3. " + FIELDS_ADVICE,
    ),
    "bad_value_after_line_breaks": (
        HEADER + '1,30,,"a\n\nb",no\n2,x,,,no\n',
        INT + "1 of 2 rows has something else: row 2 has 'x'. " + CORRECT,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_in_plain_words(case, write, refusal):
    content, message = REFUSED[case]
    path = write("calls.csv", content)
    assert refusal(path) == message.format(f=path)

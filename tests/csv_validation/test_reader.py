"""What is read as it is."""

import re

import pytest
from pyspark.sql.types import StructType

from bank_spark_dl.csv_validation import read_checked_csv
from bank_spark_dl.errors import InputDataError, ParameterError
from csv_validation.calls import HEADER, PLAIN, ROWS, SCHEMA

READ = {
    "plain": (PLAIN, {}, ROWS),
    "no_last_line_break": (PLAIN.rstrip(), {}, ROWS),
    "blank_lines": (PLAIN.replace("\n", "\n\n"), {}, ROWS),
    "byte_order_mark": ("\ufeff" + PLAIN, {}, ROWS),
    "crlf": (PLAIN.replace("\n", "\r\n"), {}, ROWS),
    "byte_order_mark_and_crlf": ("\ufeff" + PLAIN.replace("\n", "\r\n"), {}, ROWS),
    "all_quoted": ('"id","age","rate","note","y"\n"1","30","1.5","a, b","yes"\n', {}, ROWS[:1]),
    "quoted_and_empty": (HEADER + '2,40,"","",no\n', {}, ROWS[1:]),
    "doubled_quotes": (HEADER + '1,30,1.5,"say ""a""",no\n', {}, [(1, 30, 1.5, 'say "a"', "no")]),
    "stray_quote": (HEADER + '1,30,1.5,5" pipe,no\n', {}, [(1, 30, 1.5, '5" pipe', "no")]),
    "line_break_in_quotes": (HEADER + '1,30,1.5,"a\nb",no\n', {}, [(1, 30, 1.5, "a\nb", "no")]),
    "line_break_and_crlf": (
        (HEADER + '1,30,1.5,"a\nb",no\n2,40,,,yes\n').replace("\n", "\r\n"),
        {},
        [(1, 30, 1.5, "a\nb", "no"), (2, 40, None, None, "yes")],
    ),
    "line_break_that_makes_two_good_rows": (
        'id,age,rate,y,note\n1,30,1.5,no,"a\n2,40,2.5,no,b"\n',
        {},
        [(1, 30, 1.5, "a\n2,40,2.5,no,b", "no")],
    ),
    "columns_reordered": ('y,note,id,rate,age\nyes,"a, b",1,1.5,30\nno,,2,,40\n', {}, ROWS),
    "semicolons": ("id;age;rate;note;y\n1;30;1.5;a, b;yes\n", {"sep": ";"}, ROWS[:1]),
    "tabs": ("id\tage\trate\tnote\ty\n1\t30\t1.5\ta, b\tyes\n", {"sep": "\\t"}, ROWS[:1]),
    "latin_1": (
        (HEADER + "1,30,1.5,é,no\n").encode("latin-1"),
        {"encoding": "ISO-8859-1"},
        [(1, 30, 1.5, "é", "no")],
    ),
    "label_0_1": (HEADER + "1,30,1.5,,1\n2,31,1.5,,0\n", {}, None),
    "blanks_around_numbers": (HEADER + "1, 30 ,1.5,,no\n", {}, [(1, 30, 1.5, None, "no")]),
    "unicode": (HEADER + "1,30,1.5,日本,no\n", {}, [(1, 30, 1.5, "日本", "no")]),
}


@pytest.mark.parametrize("case", READ)
def test_reads_as_it_is(case, write, read):
    content, options, expected = READ[case]
    rows = read(write("calls.csv", content), **options)
    assert rows == (expected or [(1, 30, 1.5, None, "1"), (2, 31, 1.5, None, "0")])


def test_columns_have_the_declared_order_and_types(spark, write):
    path = write("calls.csv", "y,note,rate,age,id\nyes,,,30,1\n")
    frame = read_checked_csv(spark, str(path), SCHEMA).rows
    assert frame.dtypes == [(field.name, field.dataType.simpleString()) for field in SCHEMA]


def test_column_names_may_hold_dots_and_backticks(spark, write):
    schema = StructType().add("a.b", "integer").add("c`d", "string")
    path = write("calls.csv", "c`d,a.b\nx,1\n")
    assert read_checked_csv(spark, str(path), schema).rows.collect() == [(1, "x")]
    write(path, "c`d,a.b\nx,y\n")
    with pytest.raises(InputDataError, match=r"column 'a\.b'"):
        read_checked_csv(spark, str(path), schema)


@pytest.mark.parametrize("content", [PLAIN, "id,age,rate,note\n1,30,1.5,'a'\n2,40,,\n"])
def test_ignored_columns_may_be_absent_and_are_not_returned(spark, write, content):
    path = write("calls.csv", content.replace("yes", ""))
    frame = read_checked_csv(spark, f"file://{path}", SCHEMA, ignored=["y"]).rows
    assert frame.columns == ["id", "age", "rate", "note"]
    assert frame.count() == 2


def test_multi_line_may_be_set(write, read, refusal):
    path = write("calls.csv", HEADER + '1,30,1.5,"a\nb",no\n')
    assert read(path, multiLine=True) == [(1, 30, 1.5, "a\nb", "no")]
    assert "another number" in refusal(path, multiLine=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inferSchema": True}, "may not set inferschema. Remove it."),
        ({"header": False}, "needs a header line"),
        ({"sep": "::"}, "sep must be one character, not '::'."),
    ],
)
def test_refuses_options_that_switch_off_the_check(spark, tmp_path, options, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        read_checked_csv(spark, str(tmp_path), SCHEMA, **options)

"""How a CSV file is written."""

import pytest

from bank_spark_dl.drafting.csv_form import find_form
from bank_spark_dl.errors import InputDataError


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_divides_all_rows_alike(sep: str) -> None:
    text = sep.join(["a", "b", "c"]) + "\n" + sep.join(["1", '"x, y; z"', "2"]) + "\n"
    assert find_form("t.csv", text.encode())[:2] == (("a", "b", "c"), sep)


def test_a_decimal_comma_is_no_separator() -> None:
    text = "a;b;c\n1,5;x;2,5\n3;y;4,5\n"
    assert find_form("t.csv", text.encode()).sep == ";"


@pytest.mark.parametrize("quote", ['"', "'"])
def test_the_quote_stands_around_fields(quote: str) -> None:
    text = f"a,b\n{quote}x, y{quote},1\n{quote}z{quote},2\n"
    assert find_form("t.csv", text.encode()).quote == quote


def test_names_have_no_blanks_and_no_byte_order_mark() -> None:
    form = find_form("t.csv", "\ufeff a ; b \n1; 2\n".encode())
    assert form.names == ("a", "b")


@pytest.mark.parametrize(("text", "blanks"), [("a;b\n1; x\n", True), ("a;b\n1;x y\n", False)])
def test_blanks_after_separators_are_seen(text: str, blanks: bool) -> None:
    assert find_form("t.csv", text.encode()).blanks == blanks


@pytest.mark.parametrize(("encoding", "java"), [("utf-8", "UTF-8"), ("cp1252", "ISO-8859-1")])
def test_the_encoding_is_utf_8_where_the_bytes_are(encoding: str, java: str) -> None:
    form = find_form("t.csv", "größe,b\n1,2\n".encode(encoding))
    assert (form.names[0], form.encoding) == ("größe", java)


def test_a_character_cut_off_at_the_end_is_no_other_encoding() -> None:
    whole = "a,b\nü,1\n".encode()
    assert find_form("t.csv", whole + "ü".encode()[:1]).encoding == "UTF-8"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a\n1\n2\n", "no separator divides its lines"),
        ("1,2\n3,4\n", "its first line holds values instead of column names"),
        ("a,,c\n1,2,3\n", "column 2 has no name"),
        ("a,b,a\n1,2,3\n", "the header names 'a' more than once"),
    ],
)
def test_a_file_without_a_usable_header_is_refused(text: str, part: str) -> None:
    with pytest.raises(InputDataError, match=r"^t\.csv") as refused:
        find_form("t.csv", text.encode())
    assert part in str(refused.value)

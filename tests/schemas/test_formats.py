"""Files that are no CSV, told by their first bytes."""

import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from schemas.calls import HEADER, PLAIN, ROWS

AS_CSV = "Save the table as CSV, and give that file."
UNPACK = "Unpack it, and give the CSV file inside."
TABLE = pd.DataFrame({"id": range(500), "note": [f"a, b {place}" for place in range(500)]})


def parquet() -> bytes:
    return TABLE.to_parquet()


def orc() -> bytes:
    return TABLE.to_orc()


def feather() -> bytes:
    place = io.BytesIO()
    TABLE.to_feather(place)
    return place.getvalue()


def packed(name: str) -> bytes:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, PLAIN * 99)
    return place.getvalue()


def tar() -> bytes:
    place = io.BytesIO()
    with tarfile.open(fileobj=place, mode="w") as archive:
        entry = tarfile.TarInfo("calls.csv")
        entry.size = len(PLAIN)
        archive.addfile(entry, io.BytesIO(PLAIN.encode()))
    return place.getvalue()


def sqlite() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table calls (id int)")
    return connection.serialize()


SAYS = "{f} is not a CSV file but "
FOREIGN = {
    "parquet": (parquet(), "a Parquet file. " + AS_CSV),
    "orc": (orc(), "an ORC file. " + AS_CSV),
    "feather": (feather(), "an Arrow or Feather file. " + AS_CSV),
    "excel": (packed("xl/workbook.xml"), "an Excel workbook. " + AS_CSV),
    "old_excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "an old Excel workbook. " + AS_CSV),
    "zip": (packed("calls.csv"), "a zip archive. " + UNPACK),
    "gzip": (
        gzip.compress(PLAIN.encode()),
        "packed with gzip, and its name does not say so. Add .gz to the end of its name, or unpack "
        "it.",
    ),
    "xz": (lzma.compress(PLAIN.encode()), "packed with xz, which Spark cannot read. " + UNPACK),
    "tar": (tar(), "a tar archive. " + UNPACK),
    "sqlite": (sqlite(), "a SQLite database. " + AS_CSV),
    "pickle": (
        TABLE.to_json().encode().join([b"\x80\x04\x95\0", b"."]),
        "a Python pickle. " + AS_CSV,
    ),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF document. " + AS_CSV),
    "json": (TABLE.to_json(orient="records").encode(), "JSON. " + AS_CSV),
    "json_lines": (TABLE.to_json(orient="records", lines=True).encode(), "JSON. " + AS_CSV),
    "web_page": (
        b"\n<!DOCTYPE html>\n<html><body>Sign in, please</body></html>",
        "a web page. Download the file itself: see its address.",
    ),
    "xml": (b"\xef\xbb\xbf<?xml version='1.0'?>\n<a>1,2</a>\n", "an XML document. " + AS_CSV),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_called_what_it_is(kind, write, refusal):
    content, says = FOREIGN[kind]
    path = write("calls.csv", content)
    assert refusal(path) == SAYS.format(f=path) + says


def test_inside_a_folder_and_inside_gzip(tmp_path: Path, write, refusal):
    write("new/part-0.csv", PLAIN)
    path = write("new/part-1.parquet", parquet())
    assert refusal(tmp_path / "new") == SAYS.format(f=path) + "a Parquet file. " + AS_CSV
    path = write("calls.tar.gz", gzip.compress(tar()))
    assert refusal(path) == SAYS.format(f=path) + "a tar archive. " + UNPACK


@pytest.mark.parametrize("first", ["ORC", "PAR1", "%PDF", "Obj", "[id]", "{id}"])
def test_a_header_that_begins_like_one_is_a_header(first, write, refusal, read):
    path = write("calls.csv", HEADER.replace("id", first, 1))
    assert "the header does not fit the declared schema." in refusal(path)
    assert read(write("calls.csv", PLAIN)) == ROWS

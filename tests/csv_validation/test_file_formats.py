"""Files that are no CSV, told by their first bytes."""

import gzip
import io
import lzma
import sqlite3
import tarfile
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest

from csv_validation.calls import HEADER, PLAIN, ROWS

AS_CSV = "Save the table as CSV, and give that file."
AS_FRAME = "Read it with CheckedFrameDataset, which kedro draft writes into a catalog."
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


def stata(version: int) -> bytes:
    place = io.BytesIO()
    TABLE.to_stata(place, version=version)
    return place.getvalue()


SAYS = "{f} is not a CSV file but "
FOREIGN = {
    "parquet": (parquet(), "a Parquet file. " + AS_FRAME),
    "orc": (orc(), "an ORC file. " + AS_FRAME),
    "feather": (feather(), "an Arrow or Feather file. " + AS_CSV),
    "excel": (packed("xl/workbook.xml"), "an Excel workbook. " + AS_CSV),
    "old_excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "an old Excel workbook. " + AS_CSV),
    "zip": (packed("calls.csv"), "a zip archive. " + UNPACK),
    "gzip": (
        gzip.compress(PLAIN.encode()),
        "compressed with gzip, and its name does not say so. Add .gz to the end of its name, or "
        "unpack it.",
    ),
    "xz": (lzma.compress(PLAIN.encode()), "compressed with xz, which Spark cannot read. " + UNPACK),
    "tar": (tar(), "a tar archive. " + UNPACK),
    "sqlite": (sqlite(), "a SQLite database. " + AS_CSV),
    "pickle": (
        TABLE.to_json().encode().join([b"\x80\x04\x95\0", b"."]),
        "a Python pickle. " + AS_CSV,
    ),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF document. " + AS_CSV),
    "json": (TABLE.to_json(orient="records").encode(), "JSON. " + AS_FRAME),
    "json_lines": (TABLE.to_json(orient="records", lines=True).encode(), "JSON. " + AS_FRAME),
    "web_page": (
        b"\n<!DOCTYPE html>\n<html><body>Sign in, please</body></html>",
        "a web page. Download the file itself: see its address.",
    ),
    "spss": (b"$FL2@(#) SPSS DATA FILE\0\0\x02\0\0\0", "an SPSS file. " + AS_CSV),
    "stata": (stata(118), "a Stata file. " + AS_CSV),
    "old_stata": (stata(114), "a Stata file. " + AS_CSV),
    "sas": (b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf", "a SAS file. " + AS_CSV),
    "matlab": (b"MATLAB 5.0 MAT-file, Platform: GLNX\0\1IM", "a MATLAB file. " + AS_CSV),
    "r": (b"RDX3\nX\n\0\0\0\3", "an R file. " + AS_CSV),
    "dbase": (b"\x03\x7a\x07\x1a\x02\0\0\0\x41\0", "a dBase file. " + AS_CSV),
    "lz4": (
        b"\x04\x22\x4d\x18\x64\x40\xa7",
        "compressed with LZ4, and its name does not say so. " + UNPACK,
    ),
    "snappy": (
        b"\xff\x06\0\0sNaPpY\0\x10",
        "compressed with snappy, and its name does not say so. " + UNPACK,
    ),
    "zlib": (zlib.compress(PLAIN.encode()), "compressed with zlib. " + UNPACK),
    "elf": (b"\x7fELF\x02\x01\x01\0", "a program. Give the CSV file."),
    "zeros": (bytes(999), "a binary file. " + AS_CSV),
    "unknown": (b"\x01\x02data\x07\xfe\xff\0", "a binary file. " + AS_CSV),
    "lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
        "a pointer that Git LFS left in its place. Get the file itself with git lfs pull.",
    ),
    "fragment": (
        b"<table class='a'><tr><td>1</td></tr></table>",
        "a web page. Download the file itself: see its address.",
    ),
    "numbers": (b"[1, 2, 3]", "JSON. " + AS_FRAME),
    "indented": (b"{\n  'a': 1\n}", "JSON. " + AS_FRAME),
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
    assert refusal(tmp_path / "new") == SAYS.format(f=path) + "a Parquet file. " + AS_FRAME
    path = write("calls.tar.gz", gzip.compress(tar()))
    assert refusal(path) == SAYS.format(f=path) + "a tar archive. " + UNPACK


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_text_of_wide_characters_is_no_binary_file(encoding, write, refusal):
    assert "is not UTF-8 text: its header" in refusal(write("calls.csv", PLAIN.encode(encoding)))


@pytest.mark.parametrize("first", ["<p", "x^", "[1]", "ORC", "PAR1", "%PDF", "Obj", "[id]", "{id}"])
def test_a_header_that_begins_like_one_is_a_header(first, write, refusal, read):
    path = write("calls.csv", HEADER.replace("id", first, 1))
    assert "the header does not fit the declared schema." in refusal(path)
    assert read(write("calls.csv", PLAIN)) == ROWS

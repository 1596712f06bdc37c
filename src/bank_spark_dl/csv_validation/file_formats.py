"""Recognise files that are no CSV by their first bytes."""

import codecs
import re

from bank_spark_dl.errors import InputDataError

_BINARY = rb"[\x00-\xff]{0,99}?[\x00-\x08\x0e-\x1f]"  # a header's column may be called ORC, too
# All but whitespace and \x1a, which ends a file of DOS.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Signatures as of https://www.garykessler.net/library/file_sigs.html and the formats' own pages.
_FORMATS = {
    "Save the table as CSV, and give that file.": {
        "an Avro file": rb"Obj\x01",
        "an Arrow or Feather file": rb"ARROW1|FEA1",
        "an HDF5 file": rb"\x89HDF\r\n\x1a\n",
        "a NumPy file": rb"\x93NUMPY",
        "a Python pickle": rb"\x80[\x02-\x05][\x00-\xff]",
        "an SPSS file": rb"\$FL[23]@\(#\)",
        "a Stata file": rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00",
        "a SAS file": rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*{7}",
        "a MATLAB file": rb"MATLAB \d\.\d MAT-file",
        "an R file": rb"RD[AX][23]\n",
        "a dBase file": rb"[\x03\x30\x31\x83\x8b\xf5][\x00-\xff][\x01-\x0c][\x01-\x1f]" + _BINARY,
        "a SQLite database": rb"SQLite format 3\x00",
        "an Excel workbook": rb"PK\x03\x04[\x00-\xff]*?(xl/|\[Content_Types\]\.xml)",
        "an OpenDocument sheet": rb"PK\x03\x04[\x00-\xff]*?opendocument\.spreadsheet",
        "an old Excel workbook": rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a PDF document": rb"%PDF-",
        "an RTF document": rb"\{\\rtf",
        "an XML document": rb"\s*<\?xml",
    },
    "Read it with CheckedFrameDataset, which kedro draft writes into a catalog.": {
        "a Parquet file": rb"(PAR1|PARE)" + _BINARY,
        "an ORC file": rb"ORC" + _BINARY,
        "JSON": rb'\s*(\{\s*(["}]|\Z)|\{\s*\n|\[\s*(["\[{\]]|\Z)|\[\s*\n|\[\s*-?[\d.]+\s*,)',
    },
    "Unpack it, and give the CSV file inside.": {
        "a zip archive": rb"PK(\x03\x04|\x05\x06)",
        "a 7z archive": rb"7z\xbc\xaf\x27\x1c",
        "a RAR archive": rb"Rar!\x1a\x07",
        "a tar archive": rb"[\x00-\xff]{257}ustar",
        "compressed with bzip2, and its name does not say so": rb"BZh[1-9]1AY",
        "compressed with xz, which Spark cannot read": rb"\xfd7zXZ\x00",
        "compressed with Zstandard, and its name does not say so": rb"\x28\xb5\x2f\xfd",
        "compressed with LZ4, and its name does not say so": rb"\x04\x22\x4d\x18",
        "compressed with snappy, and its name does not say so": rb"\xff\x06\x00\x00sNaPpY",
        "compressed with zlib": rb"\x78[\x01\x5e\x9c\xda]" + _BINARY,
    },
    "Add .gz to the end of its name, or unpack it.": {
        "compressed with gzip, and its name does not say so": rb"\x1f\x8b",
    },
    "Give the CSV file.": {
        "a program": rb"\x7fELF",
        "a picture": rb"\x89PNG|GIF8|\xff\xd8\xff",
    },
    "Get the file itself with git lfs pull.": {
        "a pointer that Git LFS left in its place": rb"version https://git-lfs",
    },
    "Download the file itself: see its address.": {
        "a web page": rb"(?i)\s*<(!doctype html|"
        rb"(html|head|body|table|div|script|meta|p)\b[^,;]{0,99}>)",
    },
}
"""First bytes of files that are no CSV, by what they are, by what to do about them.

The first that fits counts: a workbook is a zip archive, too.
"""


def foreign_format(source: str, head: bytes) -> InputDataError | None:
    """Say what a file is that cannot be read as CSV.

    Args:
        source: The file's name, for the message.
        head: Its first bytes.

    Returns:
        None if its first bytes are those of no format that is known here.
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    for advice, formats in _FORMATS.items():
        for kind, signature in formats.items():
            if re.match(signature, head):
                return InputDataError(f"{source} is not a CSV file but {kind}. {advice}")
    if _is_binary(head):
        advice = next(iter(_FORMATS))
        return InputDataError(f"{source} is not a CSV file but a binary file. {advice}")
    return None


def is_text(head: bytes) -> bool:
    """Return whether the first line of a file's first bytes is UTF-8 text."""
    line = head.lstrip().partition(b"\n")[0]
    if _CONTROL.search(line):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(head: bytes) -> bool:
    """Return whether there are bytes in the first line that no text has.

    One kind of them, but NUL, may be the separator.
    """
    kinds = set(_CONTROL.findall(head.lstrip(b"\r\n").partition(b"\n")[0]))
    return (b"\0" in kinds or len(kinds) > 1) and not _is_wide(head)


def _is_wide(head: bytes) -> bool:
    """Return whether bytes are text of two or four bytes a character."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return True
    whole = head[: len(head) // 4 * 4]
    return any(_is_mostly_latin(whole.decode(name, "replace")) for name in _WIDE)


def _is_mostly_latin(text: str) -> bool:
    letters = sum(c.isascii() and (c.isprintable() or c.isspace()) for c in text)
    return 2 * letters > len(text)

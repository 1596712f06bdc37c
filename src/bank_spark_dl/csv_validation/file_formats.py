"""Recognise files that are no CSV by their first bytes."""

import codecs
import re

from bank_spark_dl.errors import InputDataError

_AS_CSV = "Save the table as CSV, and give that file."
_BINARY_FILE = "{source} is not a CSV file but a binary file. " + _AS_CSV
_UNPACK = "Unpack it, and give the CSV file inside."
_BINARY = rb"[\x00-\xff]{0,99}?[\x00-\x08\x0e-\x1f]"  # a header's column may be called ORC, too
# But blanks, and what ends a file of DOS.
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Signatures as of https://www.garykessler.net/library/file_sigs.html and the formats' own pages.
_FORMATS = (
    (rb"(PAR1|PARE)" + _BINARY, "a Parquet file", _AS_CSV),
    (rb"ORC" + _BINARY, "an ORC file", _AS_CSV),
    (rb"Obj\x01", "an Avro file", _AS_CSV),
    (rb"ARROW1|FEA1", "an Arrow or Feather file", _AS_CSV),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _AS_CSV),
    (rb"\x93NUMPY", "a NumPy file", _AS_CSV),
    (rb"\x80[\x02-\x05][\x00-\xff]", "a Python pickle", _AS_CSV),
    (rb"\$FL[23]@\(#\)", "an SPSS file", _AS_CSV),
    (rb"<stata_dta>|[\x69-\x73][\x01\x02]\x01\x00", "a Stata file", _AS_CSV),
    (rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*{7}", "a SAS file", _AS_CSV),
    (rb"MATLAB \d\.\d MAT-file", "a MATLAB file", _AS_CSV),
    (rb"RD[AX][23]\n", "an R file", _AS_CSV),
    (
        rb"[\x03\x30\x31\x83\x8b\xf5][\x00-\xff][\x01-\x0c][\x01-\x1f]" + _BINARY,
        "a dBase file",
        _AS_CSV,
    ),
    (rb"SQLite format 3\x00", "a SQLite database", _AS_CSV),
    (rb"PK\x03\x04[\x00-\xff]*?(xl/|\[Content_Types\]\.xml)", "an Excel workbook", _AS_CSV),
    (rb"PK\x03\x04[\x00-\xff]*?opendocument\.spreadsheet", "an OpenDocument sheet", _AS_CSV),
    (rb"PK(\x03\x04|\x05\x06)", "a zip archive", _UNPACK),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook", _AS_CSV),
    (
        rb"\x1f\x8b",
        "packed with gzip, and its name does not say so",
        "Add .gz to the end of its name, or unpack it.",
    ),
    (rb"BZh[1-9]1AY", "packed with bzip2, and its name does not say so", _UNPACK),
    (rb"\xfd7zXZ\x00", "packed with xz, which Spark cannot read", _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "packed with Zstandard, and its name does not say so", _UNPACK),
    (rb"\x04\x22\x4d\x18", "packed with LZ4, and its name does not say so", _UNPACK),
    (rb"\xff\x06\x00\x00sNaPpY", "packed with snappy, and its name does not say so", _UNPACK),
    (rb"\x78[\x01\x5e\x9c\xda]" + _BINARY, "packed with zlib", _UNPACK),
    (rb"\x7fELF", "a program", "Give the CSV file."),
    (
        rb"version https://git-lfs",
        "a pointer that Git LFS left in its place",
        "Get the file itself with git lfs pull.",
    ),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (rb"[\x00-\xff]{257}ustar", "a tar archive", _UNPACK),
    (rb"%PDF-", "a PDF document", _AS_CSV),
    (rb"\{\\rtf", "an RTF document", _AS_CSV),
    (rb"\x89PNG|GIF8|\xff\xd8\xff", "a picture", "Give the CSV file."),
    (
        rb"(?i)\s*<(!doctype html|(html|head|body|table|div|script|meta|p)\b[^,;]{0,99}>)",
        "a web page",
        "Download the file itself: see its address.",
    ),
    (rb"\s*<\?xml", "an XML document", _AS_CSV),
    (
        rb'\s*(\{\s*(["}]|\Z)|\{\s*\n|\[\s*(["\[{\]]|\Z)|\[\s*\n|\[\s*-?[\d.]+\s*,)',
        "JSON",
        _AS_CSV,
    ),
)


def foreign_format(source: str, head: bytes) -> InputDataError | None:
    """Say what a file is that cannot be read as CSV.

    Args:
        source: The file's name, for the message.
        head: Its first bytes.

    Returns:
        None if its first bytes are those of no format that is known here.
    """
    head = head.removeprefix(b"\xef\xbb\xbf")
    for signature, kind, advice in _FORMATS:
        if re.match(signature, head):
            return InputDataError(f"{source} is not a CSV file but {kind}. {advice}")
    return InputDataError(_BINARY_FILE.format(source=source)) if _is_binary(head) else None


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

"""What a file that is no CSV is, by its first bytes."""

import re

from bank_spark_dl.errors import InputDataError

_AS_CSV = "Save the table as CSV, and give that file."
_UNPACK = "Unpack it, and give the CSV file inside."
_BINARY = rb"[\x00-\xff]{0,99}?[\x00-\x08\x0e-\x1f]"  # a header's column may be called ORC, too
# Signatures as of https://www.garykessler.net/library/file_sigs.html and the formats' own pages.
_FORMATS = (
    (rb"(PAR1|PARE)" + _BINARY, "a Parquet file", _AS_CSV),
    (rb"ORC" + _BINARY, "an ORC file", _AS_CSV),
    (rb"Obj\x01", "an Avro file", _AS_CSV),
    (rb"ARROW1|FEA1", "an Arrow or Feather file", _AS_CSV),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", _AS_CSV),
    (rb"\x93NUMPY", "a NumPy file", _AS_CSV),
    (rb"\x80[\x02-\x05][\x00-\xff]", "a Python pickle", _AS_CSV),
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
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (rb"[\x00-\xff]{257}ustar", "a tar archive", _UNPACK),
    (rb"%PDF-", "a PDF document", _AS_CSV),
    (rb"\{\\rtf", "an RTF document", _AS_CSV),
    (rb"\x89PNG|GIF8|\xff\xd8\xff", "a picture", "Give the CSV file."),
    (rb"(?i)\s*<(!doctype html|html)", "a web page", "Download the file itself: see its address."),
    (rb"\s*<\?xml", "an XML document", _AS_CSV),
    (rb'\s*(\{\s*["}]|\[\s*[\[{\]])', "JSON", _AS_CSV),
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
    return None

"""Refuse web addresses where files are read."""

from bank_spark_dl.errors import InputDataError


def refuse_web(path: str) -> None:
    """Raise InputDataError for a web address: Spark finds no files there."""
    if path.lower().startswith(("http://", "https://")):
        raise InputDataError(
            f"{path} is a web address, and Spark reads files: download it first, and give the path "
            "of the local file."
        )

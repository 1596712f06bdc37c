"""What all datasets say where nothing was written yet."""

from bank_spark_dl.errors import InputDataError


def not_there(path: object) -> InputDataError:
    """Return the error of a dataset that no run has written.

    Args:
        path: Where it would lie, a path or a URI.
    """
    shown = str(path).removeprefix("file://")
    return InputDataError(
        f"{shown} is not there yet: run the pipeline that makes it first, or everything with "
        "kedro run."
    )

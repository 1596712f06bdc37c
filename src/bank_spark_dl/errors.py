"""Errors that a user can mend; the command line prints them without a traceback."""


class UserError(Exception):
    """A mistake in input, configuration or surroundings.

    The message is plain text for the person at the terminal: it names the file, column, key or
    value at fault and says what to do.
    """


class InputDataError(UserError):
    """The data is not what its declared schema says."""


class NotWrittenError(InputDataError):
    """A dataset that no run has written yet."""

    def __init__(self, path: object) -> None:
        """Name where it would lie, a path or a URI."""
        shown = str(path).removeprefix("file://")
        super().__init__(
            f"{shown} is not there yet: run the pipeline that makes it first, or everything with "
            "kedro run."
        )


class ParameterError(UserError):
    """A parameter is unknown, missing, of the wrong type or out of range."""


class SurroundingsError(UserError):
    """Something the run needs is missing on this machine: Java, a file's permission, a port."""

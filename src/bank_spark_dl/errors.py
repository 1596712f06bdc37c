"""What a user can mend. The command line prints these as one paragraph, without a traceback."""


class UserError(Exception):
    """A mistake in input, configuration or surroundings.

    The message is plain text for the person at the terminal: it names the file, column, key or
    value at fault and says what to do.
    """


class InputDataError(UserError):
    """The data is not what its declared schema says."""


class ParameterError(UserError):
    """A parameter is unknown, missing, of the wrong type or out of range."""


class SurroundingsError(UserError):
    """Something the run needs is missing on this machine: Java, a file's permission, a port."""

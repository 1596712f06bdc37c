"""Leave out what many trainings would each say."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def only_warnings(*names: str) -> Iterator[None]:
    """Show nothing below a warning of some loggers while the block runs.

    Args:
        *names: Of the loggers, such as packages.
    """
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)

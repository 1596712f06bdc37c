"""Choose the message for an exception: what went wrong, and what to do about it."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from kedro.config import MissingConfigException
from kedro.io import DatasetError
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError
from yaml.constructor import ConstructorError

from bank_spark_dl.errors import NotWrittenError, UserError
from bank_spark_dl.messages.failures import causes, comes_from_spark, explain

WHOLE = " No dataset was left half-written."
# Mistakes in conf/ and on the command line; Kedro's message says enough.
CONFIGURATION_ERRORS = (MissingConfigException, OmegaConfBaseException, YAMLError)
# What our own `raise_error` columns say about a row, as Spark passes it on.
ROW_REFUSED = re.compile(r"\[USER_RAISED_EXCEPTION\] (.*?)(?: SQLSTATE|$)", re.DOTALL)
UNKNOWN_PACKAGE = re.compile(r"importing the 'bank_spark_dl\.pipelines\.(\w+)' module")
UNKNOWN_PIPELINE = "Failed to find the pipeline named"
NOT_MADE = "Failed to instantiate dataset"
NO_INPUT = "Input path does not exist"
FILEPATH = re.compile(r"filepath=(?:\w+\('(?P<quoted>[^']+)'\)|(?P<plain>[^,)]+))")


def user_mistake(error: BaseException, state: str = WHOLE) -> str | None:
    """Return the message for an error that is no bug of the program.

    Args:
        error: What ended the run.
        state: Sentence about the datasets, added where the machine has failed.

    Returns:
        A paragraph if a user's mistake or a failure of the machine is the error or among its
        causes, else None.
    """
    chain = list(causes(error))
    ours = next((link for link in chain if isinstance(link, UserError)), None)
    if ours is not None:
        return str(ours)
    refused = (ROW_REFUSED.search(str(link)) for link in chain if comes_from_spark(link))
    if (row := next(filter(None, refused), None)) is not None:
        return row.group(1)
    if (failure := explain(chain)) is not None:
        return failure + state
    if isinstance(error, DatasetError) and any(_is_missing_file(link, error) for link in chain):
        return str(NotWrittenError(_path_in(error)))
    return _in_configuration(error, alone=len(chain) == 1)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """End a sentence about an unknown name: the most similar one, or all there are."""
    known = sorted(names)
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known) or 'none'}."


def _pipelines() -> list[str]:
    folders = Path(__file__).parents[1].glob("pipelines/*/pipeline.py")
    return sorted(folder.parent.name for folder in folders)


def _in_configuration(error: BaseException, alone: bool) -> str | None:
    if isinstance(error, DatasetError) and NOT_MADE in str(error):
        return " ".join(str(error).split()) if _lacks_package(error) else None
    unknown = UNKNOWN_PACKAGE.search(str(error)) if isinstance(error, ImportError) else None
    if unknown is not None and (name := unknown.group(1)) not in _pipelines():
        return f"There is no pipeline {name}: {did_you_mean(name, _pipelines())}"
    if isinstance(error, ConstructorError):
        return _unknown_tag(error)
    if isinstance(error, CONFIGURATION_ERRORS):
        return str(error)
    if isinstance(error, ValueError) and str(error).startswith(UNKNOWN_PIPELINE):
        return str(error)
    return str(error) if isinstance(error, DatasetError) and alone else None


def _lacks_package(error: DatasetError) -> bool:
    """Tell whether a dataset's storage is unknown here, or needs a package."""
    return any(
        isinstance(link, ImportError | OSError) or "Protocol not known" in str(link)
        for link in causes(error)
    )


def _unknown_tag(error: ConstructorError) -> str:
    place = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
    return (
        f"A file in conf/ is refused{place}: {error.problem}. Write plain values there; YAML tags "
        "that make objects are not read."
    )


def _path_in(error: BaseException) -> str:
    found = FILEPATH.search(str(error))
    return (found["quoted"] or found["plain"]) if found else "A dataset"


def _is_missing_file(link: BaseException, error: BaseException) -> bool:
    """Tell whether it is the dataset's own file that is missing, and not one that it needs."""
    if isinstance(link, FileNotFoundError):
        return link.filename is None or str(link.filename).startswith(_path_in(error))
    said = str(link)
    return comes_from_spark(link) and ("[PATH_NOT_FOUND]" in said or NO_INPUT in said)

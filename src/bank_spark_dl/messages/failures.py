"""Explain failures of the machine, of Spark and of services: which sentence for which error.

An error counts by its type and its number. Text counts only where nothing else tells: in what Spark
passes on from Java and from its workers, and there only after the name of Java's error, since rows
and paths stand in messages too.
"""

import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from socket import gaierror
from traceback import walk_tb

DATA_ROOT = "write elsewhere with --params=data_root=FOLDER"
FULL = f"The disk is full{{file}}. Free some space, or {DATA_ROOT}."
FORBIDDEN = (
    f"Permission denied{{file}}. Give the user who runs this the right to write there, or "
    f"{DATA_ROOT}."
)
READ_ONLY = f"The disk may only be read{{file}}: {DATA_ROOT}."
NO_FOLDER = f"A folder is needed where a file lies{{file}}: {DATA_ROOT}."
NO_PLACE = f"No folder can be made{{file}}. Name another place for it, or {DATA_ROOT}."
NO_FILE = f"A file is needed where a folder lies{{file}}: remove the folder, or {DATA_ROOT}."
LOST_SPARK = (
    "Spark stopped in the middle of the run: it was killed, its memory ran out or its master went "
    "away. See the lines above, and run again."
)
NO_ANSWER = (
    "A service that this run reads from or writes to does not answer{file}. Check its address "
    "in data_root, raw_filepath and conf/, and that it runs, and run again."
)
NO_STORAGE = (
    "Spark does not know the storage{file}. Add its package with spark.jars.packages in spark.yml, "
    f"or {DATA_ROOT}."
)
# By the number of an OSError.
NUMBERS = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EROFS: READ_ONLY,
    errno.ENOTDIR: NO_FOLDER,
    errno.EEXIST: NO_FOLDER,
    errno.ENOENT: NO_PLACE,
    errno.EISDIR: NO_FILE,
}
# These say so only where a folder was to be made: else a file is there, or is not.
MAKING = {errno.EEXIST, errno.ENOENT}
# Where these are raised while another error is handled, the other is not what went wrong.
PROGRAMMING = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
)
SPARK = ("py4j", "pyspark")
START = r"(?:^|[\s:])"  # of the name of an error in Java
IO = START + r"java\.io\.\w+: (?:(?P<file>/[^\n]*?) \()?"
# What Spark and Hadoop say, the first that fits; it names the file where it can.
SIGNS: tuple[tuple[str, str], ...] = (
    (IO + "No space left on device", FULL),
    (START + r"OSError: \[Errno 28\] [\w ]+(?:: '(?P<file>[^']+)')?", FULL),
    (
        r"(?:^|: )Python worker (?:exited unexpectedly|died)|"
        + START
        + r"java\.io\.EOFException\s.*?PythonRunner",
        "A Python worker was killed, most likely by the system because memory ran out. Lower "
        "elephas.num_workers or elephas.batch_size, or give the machine more memory; on a "
        "cluster, raise spark.executor.memoryOverhead in spark.yml.",
    ),
    (
        r"(?:^|: )(?:Encountered null while assembling a row|StringIndexer encountered NULL|"
        r"A feature is null|a row has nan)",
        "A column that the network takes is empty in some rows. Fill these fields, put "
        "coalesce(column, value) in its place by features.derived, or leave the column out of "
        "data.columns. data_profile.json says how many nulls each column has.",
    ),
    (
        r"(?:^|: )\[UNRESOLVED_COLUMN[^]]*\] .*? name (?P<file>`[^`]+`)",
        "A column is missing{file}. What was read was made with other settings: give the --env "
        "that it was made with, another data_root, or run everything with kedro run.",
    ),
    (
        r"(?:^|: )\[FAILED_READ_FILE\.FILE_NOT_EXIST\] [\w ]+ (?P<file>.+?)\. +File does not exist",
        "A file went away while it was being read{file}. Most likely another program has replaced "
        "the dataset: run again.",
    ),
    (
        r"(?:^|: )Total size of serialized results of .* is bigger than "
        r"spark\.driver\.maxResultSize",
        "A step's tasks sent the driver more than spark.driver.maxResultSize. Raise it in "
        "spark.yml, or lower elephas.num_workers: each sends its weights.",
    ),
    (
        START + r"java\.lang\.OutOfMemoryError",
        "Spark ran out of memory. Raise spark.driver.memory (on a cluster spark.executor.memory) "
        "in spark.yml.",
    ),
    (
        r"(?:^|: )(?:All masters are unresponsive|Master removed our application)|"
        r"ExecutorLostFailure \(executor|(?:^|: )Executor heartbeat timed out",
        "The Spark cluster lost its master or its executors. See its own pages for why, and run "
        "again.",
    ),
    (
        r"(?:^|: )(?:Job \d+ cancelled because )?SparkContext was shut down|"
        r"(?:^|: )Cannot call methods on a stopped SparkContext|"
        r"^An error occurred while calling \S+$",
        LOST_SPARK,
    ),
    (
        START
        + r"org\.apache\.hadoop\.security\.AccessControlException|"
        + START
        + r"java\.nio\.file\.AccessDeniedException: (?P<path>\S+)|"
        + IO
        + r"Permission denied",
        FORBIDDEN,
    ),
    (IO + "Read-only file system", READ_ONLY),
    (
        START + r"org\.apache\.hadoop\.fs\.ParentNotDirectoryException: .*?(?P<file>/\S+)",
        NO_FOLDER,
    ),
    (
        START + r"org\.apache\.hadoop\.fs\.UnsupportedFileSystemException: [\w ]+ \"(?P<file>\w+)|"
        r"ClassNotFoundException: Class (?P<path>org\.apache\.hadoop\.fs\.[\w.]+) not found",
        NO_STORAGE,
    ),
    (
        START + r"java\.(?:net|nio\.channels)\.\w*(?:ConnectException|UnknownHostException)",
        NO_ANSWER,
    ),
)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it, as Python's tracebacks show it.

    What was merely being handled when a bug struck is left out.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        hidden = error.__suppress_context__ or _is_programming(error)
        error = error.__cause__ or (None if hidden else error.__context__)


def explain(errors: Sequence[BaseException]) -> str | None:
    """Explain a failure of the machine, the cluster or a service.

    Args:
        errors: An error and its causes.

    Returns:
        A paragraph; None where no sign of one is found.
    """
    for said in (_from_spark, _from_system):
        for error in errors:
            if (sentence := said(error)) is not None:
                return sentence
    return None


def comes_from_spark(error: BaseException) -> bool:
    """Tell whether Spark, or Py4J on the way to it, raises errors of this type.

    A plain RuntimeError counts too: so does what comes from Java without a type of its own.
    """
    return type(error).__module__.partition(".")[0] in SPARK or type(error) is RuntimeError


def _from_spark(error: BaseException) -> str | None:
    if type(error).__name__ == "Py4JNetworkError":
        return LOST_SPARK
    if isinstance(error, ConnectionError) and _passed_through(error, SPARK):
        return LOST_SPARK
    if not comes_from_spark(error):
        return None
    for sign, sentence in SIGNS:
        if found := re.search(sign, str(error), re.DOTALL):
            return _with_file(sentence, found.groupdict())
    return None


def _from_system(error: BaseException) -> str | None:
    if not isinstance(error, OSError):
        return None
    if isinstance(error, ConnectionRefusedError | gaierror) or error.errno == errno.ETIMEDOUT:
        return _with_file(NO_ANSWER, {"file": error})
    if error.errno not in NUMBERS:
        return None
    if error.errno in MAKING and not _raised_in(error, ("mkdir", "makedirs")):
        return None
    return _with_file(NUMBERS[error.errno], {"file": error.filename})


def _with_file(sentence: str, found: Mapping[str, object]) -> str:
    file = found.get("file") or found.get("path")
    return sentence.format(file=f": {file}" if file else "")


def _is_programming(error: BaseException) -> bool:
    return isinstance(error, PROGRAMMING) and not comes_from_spark(error)


def _passed_through(error: BaseException, packages: Sequence[str]) -> bool:
    modules = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    return any(module.partition(".")[0] in packages for module in modules)


def _raised_in(error: BaseException, functions: Sequence[str]) -> bool:
    names = [frame.f_code.co_name for frame, _ in walk_tb(error.__traceback__)]
    return bool(names) and names[-1] in functions

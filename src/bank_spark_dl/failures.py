"""What a machine can do to a run, in plain words."""

import re
from collections.abc import Sequence

DATA_ROOT = "write elsewhere with --params=data_root=FOLDER"
# What Spark, Hadoop and Python say, the first that fits; it names the file where it can.
SIGNS: tuple[tuple[str, str], ...] = (
    (
        r"No space left on device(?:: '(?P<file>[^']+)')?",
        f"The disk is full{{file}}. Free some space, or {DATA_ROOT}.",
    ),
    (
        r"Python worker exited unexpectedly|Python worker died|EOFException.*PythonRunner",
        "A Python worker was killed, most likely by the system because memory ran out. Lower "
        "elephas.num_workers or elephas.batch_size, or give the machine more memory; on a "
        "cluster, raise spark.executor.memoryOverhead in spark.yml.",
    ),
    (
        r"Encountered null while assembling a row|StringIndexer encountered NULL|"
        r"A feature is null|a row has nan",
        "A column that the network takes is empty in some rows. Fill these fields, put "
        "coalesce(column, value) in its place by features.derived, or leave the column out of "
        "data.columns. data_profile.json says how many nulls each column has.",
    ),
    (
        r"\[UNRESOLVED_COLUMN[^]]*\] .*? name (?P<file>`[^`]+`)",
        "A column is missing{file}. What was read was made with other settings: give the --env "
        "that it was made with, another data_root, or run everything with kedro run.",
    ),
    (
        r"FAILED_READ_FILE\.FILE_NOT_EXIST\] [\w ]+ (?P<file>.+?)\. +File does not exist",
        "A file went away while it was being read{file}. Most likely another run has replaced the "
        "dataset: run again.",
    ),
    (
        r"bigger than spark\.driver\.maxResultSize",
        "A step's tasks sent the driver more than spark.driver.maxResultSize. Raise it in "
        "spark.yml, or lower elephas.num_workers: each sends its weights.",
    ),
    (
        r"java\.lang\.OutOfMemoryError",
        "Spark ran out of memory. Raise spark.driver.memory (on a cluster spark.executor.memory) "
        "in spark.yml.",
    ),
    (
        r"All masters are unresponsive|Master removed our application|"
        r"ExecutorLostFailure|Executor heartbeat timed out",
        "The Spark cluster lost its master or its executors. See its own pages for why, and run "
        "again.",
    ),
    (
        r"^ConnectionRefusedError|SparkContext was shut down|stopped SparkContext|"
        r"Answer from Java side is empty|"
        r"Error while sending or receiving|^Py4JError: An error occurred while calling \S+$|"
        r"An error occurred while trying to connect to the Java",
        "Spark stopped in the middle of the run: it was killed, its memory ran out or its master "
        "went away. See the lines above, and run again.",
    ),
    (
        r"Permission denied(?::? '(?P<file>[^']+)')?|AccessControlException",
        f"Permission denied{{file}}. Give the user who runs this the right to write there, or "
        f"{DATA_ROOT}.",
    ),
    (
        r"(NotADirectoryError|FileExistsError): .*?'(?P<file>[^']+)'",
        f"A folder is needed where a file lies{{file}}: {DATA_ROOT}.",
    ),
    (
        r"Read-only file system(?:: '(?P<file>[^']+)')?",
        f"The disk may only be read{{file}}: {DATA_ROOT}.",
    ),
)
WHOLE = " Every dataset is whole: as it was before, or as it should be."


def explain(errors: Sequence[BaseException]) -> str | None:
    """Explain a failure of the machine or the cluster.

    Args:
        errors: An error and its causes.

    Returns:
        A paragraph; None where no sign of one is found.
    """
    texts = [f"{type(error).__name__}: {error}" for error in errors]
    for sign, sentence in SIGNS:
        for text in texts:
            if found := re.search(sign, text, re.DOTALL):
                file = found.groupdict().get("file")
                return sentence.format(file=f": {file}" if file else "") + WHOLE
    return None

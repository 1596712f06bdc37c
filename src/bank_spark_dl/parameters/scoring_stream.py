"""The section `scoring_stream`: scores of files that arrive in a folder."""

from pydantic import PositiveInt

from bank_spark_dl.parameters.fields import Name, Section


class ScoringStreamOptions(Section):
    """Where files arrive and scores are appended, both read by the catalog; how often to look.

    Attributes:
        input: Folder of the raw files; each is scored once.
        output: Folder that scores are appended to.
        checkpoint: Folder that records which files are scored; None: inside the output.
        every: Seconds between two looks for new files, at least 1; None: score the files that are
            there and end.
        files_per_batch: Files scored at a time, at most; at least 1.
    """

    input: Name
    output: Name
    checkpoint: Name | None
    every: PositiveInt | None
    files_per_batch: PositiveInt

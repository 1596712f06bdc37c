"""Identify the raw table that results come from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RawSource:
    """A raw file, or a folder of them.

    Attributes:
        source: Its path, as it was given.
        sha256: Hash of the content in hex; of several files, of their hashes in the order of paths.
        synthetic: Whether the generator's marker lies beside it.
    """

    source: str
    sha256: str
    synthetic: bool

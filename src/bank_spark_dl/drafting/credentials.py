"""Keep secrets out of a drafted environment, and let it use the credentials of conf/local."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bank_spark_dl.errors import ParameterError
from bank_spark_dl.parameters.secrets import PASSWORD_IN_URI

_SECRET_KEY: Final = re.compile(
    r"pass(word|wd|phrase)?$|pwd$|secret|token$|(access|account|api|private)[._-]?key$",
    re.IGNORECASE,
)
_IN_URL: Final = re.compile(
    rf"{PASSWORD_IN_URI.pattern}|;\s*(password|pwd)=|:\w+:[^/@\s]+/[^@\s]+@", re.IGNORECASE
)
"""Passwords in addresses of databases too: ;password=..., jdbc:oracle:thin:user/password@..."""


def refuse_secrets(name: str, config: Mapping[str, Any]) -> None:
    """Refuse to copy a catalog entry that holds a secret in plain text.

    Args:
        name: Of the dataset.
        config: What the catalog says of it.

    Raises:
        ParameterError: It holds one; the message names the key and does not repeat the secret.
    """
    for keys, value in _texts(config):
        inline = keys[0] == "credentials" and len(keys) > 1
        if inline or _SECRET_KEY.search(keys[-1]) or _IN_URL.search(value):
            raise ParameterError(
                f"The catalog's entry {name} holds a secret in plain text ({'.'.join(keys)}), and "
                "kedro draft would copy it into a catalog that git does not ignore: move it to "
                "conf/local/credentials.yml, and name it in the entry with credentials."
            )


def _texts(value: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _texts(part, (*keys, str(key)))
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, keys)


def link_credentials(folder: Path) -> None:
    """Link conf/local's credentials into an environment: Kedro reads no other environment's.

    A file of the same name that the user wrote there stays.

    Args:
        folder: conf/<environment>.
    """
    for file in sorted((folder.parent / "local").glob("credentials*")):
        link = folder / file.name
        if link.exists() and not link.is_symlink():
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..") / "local" / file.name)

"""Let a drafted environment use the credentials of conf/local."""

from pathlib import Path


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

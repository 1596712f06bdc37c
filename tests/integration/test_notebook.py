"""The notebook runs from top to bottom on the results of a run of the test environment."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import ROOT, SAMPLE

NOTEBOOK = ROOT / "notebooks/walkthrough.ipynb"
TABLES = {
    "libraries": ["elephas", "pyspark"],
    "raw": ["deposit", "poutcome"],
    "profile": ["kurtosis", "balance"],
    "categories": ["deposit", "management"],
    "scaled": ["standardized", "duration"],
    "stages": ["StringIndexerModel", "StandardScalerModel"],
    "features": ["label_index", "(30,["],
    "split": ["train", "test"],
    "network": ["Dense", "Dropout"],
    "history": ["val_loss"],
    "metrics": ["accuracy", "decision tree", "logistic regression"],
    "scored": ["probability", "prediction"],
}
PLOTS = {"learning-curve": 1, "roc-curve": 1, "confusion-matrices": 2}
PLOTLY = "application/vnd.plotly.v1+json"


@pytest.fixture(scope="module")
def project(whole: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own, with the results of a whole run of the test environment."""
    project = tmp_path_factory.mktemp("project")
    leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", project / "src", ignore=leave)
    shutil.copytree(ROOT / "conf", project / "conf", ignore=leave_local_files)
    shutil.copytree(whole[0], project / "data/test", ignore=shutil.ignore_patterns(".*"))
    for folder in ("data/01_raw", "notebooks"):
        (project / folder).mkdir()
    for name in ("pyproject.toml", ".telemetry", "notebooks/walkthrough.ipynb"):
        shutil.copy(ROOT / name, project / name)
    for file in SAMPLE.parent.glob(f"{SAMPLE.name}*"):
        shutil.copy(file, project / "data/01_raw")
    return project


def leave_local_files(folder: str, names: list[str]) -> list[str]:
    """A developer's own settings are no part of the project."""
    return names if Path(folder).name == "local" else []


@pytest.fixture(scope="module")
def executed(project: Path) -> dict[str, NotebookNode]:
    """Code cells by id, after a run without an error."""
    notebook = nbformat.read(project / "notebooks/walkthrough.ipynb", as_version=4)
    for cell in code_cells(notebook):
        cell.outputs = []
    place = {"metadata": {"path": str(project / "notebooks")}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEDRO_ENV", "test")
        patch.setenv("PYTHONPATH", str(project / "src"))
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    return {cell.id: cell for cell in code_cells(notebook)}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cell: NotebookNode, kind: str) -> list:
    return [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]


@pytest.mark.parametrize("name", TABLES)
def test_each_step_shows_its_table(executed: dict[str, NotebookNode], name: str):
    tables = "".join(shown(executed[name], "text/html"))

    for words in TABLES[name]:
        assert words in tables


@pytest.mark.parametrize("name", PLOTS)
def test_plots_are_shown_as_data(executed: dict[str, NotebookNode], name: str):
    plots = shown(executed[name], PLOTLY)

    assert len(plots) == PLOTS[name]
    assert all(plot["data"] for plot in plots)


def test_says_where_the_rows_come_from(executed: dict[str, NotebookNode]):
    said = "".join(output.text for output in executed["profile"].outputs if "text" in output)

    assert said == "11,162 rows, synthetic\n"


def test_committed_notebook_is_the_sample_s_and_complete():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = {cell.id: cell for cell in code_cells(notebook)}

    for name in TABLES:
        assert shown(cells[name], "text/html"), name
    for name, plots in PLOTS.items():
        assert len(shown(cells[name], PLOTLY)) == plots
        assert len(shown(cells[name], "image/png")) == plots  # for viewers that do not draw Plotly
    assert "11,162 rows, synthetic" in cells["profile"].outputs[0].text


def test_committed_notebook_is_small_and_defines_nothing():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    source = "\n".join(cell.source for cell in code_cells(notebook))

    assert NOTEBOOK.stat().st_size < 500_000
    for word in ("def ", "class ", "lambda"):
        assert word not in source
    assert str(ROOT) not in NOTEBOOK.read_text(encoding="utf-8")

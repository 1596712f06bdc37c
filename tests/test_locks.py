"""Two runs that write the same datasets."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.datasets import TextDataset
from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.locks import LockHooks, locked

OTHER = """
    import sys
    from pathlib import Path
    from tests.test_locks import hooks_of
    hooks_of(Path(sys.argv[1]))
    print("locked", flush=True)
    sys.stdin.read()
"""


def flow(folder: Path, *names: str) -> dict[str, Any]:
    catalog = DataCatalog({name: TextDataset(filepath=str(folder / name)) for name in names})
    nodes = [Node(lambda: "text", None, name, name=f"write_{name}") for name in names]
    return {"pipeline": Pipeline(nodes), "catalog": catalog}


def hooks_of(folder: Path, *names: str) -> LockHooks:
    hooks = LockHooks()
    hooks.before_pipeline_run(**flow(folder, *(names or ("a", "b"))))
    return hooks


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OTHER), str(folder)],
        cwd=Path(__file__).parents[1],
        env={"PYTHONPATH": "src"},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_second_run_ends_and_names_the_first(tmp_path: Path) -> None:
    with another_process(tmp_path) as first:
        with pytest.raises(SurroundingsError) as refused:
            hooks_of(tmp_path, "b", "c")
        hooks_of(tmp_path, "c")
    message = str(refused.value)
    assert message.startswith(f"b ({tmp_path}/b) is being written by another run: process ")
    assert f"process {first.pid} on " in message
    assert message.endswith("write elsewhere with --params=data_root=FOLDER.")


def test_a_dead_run_does_not_block(tmp_path: Path) -> None:
    with another_process(tmp_path):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.lock", ".b.lock"]
    hooks = hooks_of(tmp_path)
    hooks.after_pipeline_run()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_wrote_nothing_leaves_no_folder(tmp_path: Path) -> None:
    hooks = hooks_of(tmp_path / "data/08_reporting")
    hooks.after_pipeline_run()
    assert list(tmp_path.iterdir()) == []
    hooks = hooks_of(tmp_path / "data/08_reporting")
    (tmp_path / "data/report").write_text("written")
    hooks.on_pipeline_error()
    assert [path.name for path in tmp_path.rglob("*")] == ["data", "report"]


def test_a_refused_run_holds_nothing(tmp_path: Path) -> None:
    first = hooks_of(tmp_path, "b")
    with pytest.raises(SurroundingsError):
        hooks_of(tmp_path, "a", "b")
    hooks_of(tmp_path, "a")
    first.after_pipeline_run()
    hooks_of(tmp_path, "b")


@pytest.mark.parametrize("end", ["after_pipeline_run", "on_pipeline_error"])
def test_the_next_run_of_a_process_may_write(tmp_path: Path, end: str) -> None:
    hooks = hooks_of(tmp_path)
    getattr(hooks, end)()
    hooks_of(tmp_path).after_pipeline_run()
    interrupted = hooks_of(tmp_path)
    interrupted.before_pipeline_run(**flow(tmp_path, "a"))


def test_a_file_is_changed_by_one_at_a_time(tmp_path: Path) -> None:
    from threading import Thread

    path, done = tmp_path / "new/run.json", []
    with locked(path):
        path.write_text("0")

    def add() -> None:
        for _ in range(200):
            with locked(path):
                path.write_text(str(int(path.read_text()) + 1))
        done.append(True)

    threads = [Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), path.read_text()) == (4, "800")
    assert list(path.parent.iterdir()) == [path]

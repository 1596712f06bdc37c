"""Two runs that write the same datasets."""

import fcntl
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import ENOLCK, ENOSYS, EOPNOTSUPP
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from bank_spark_dl.datasets import SparkFrameDataset, TextDataset
from bank_spark_dl.errors import InputDataError, SurroundingsError
from bank_spark_dl.hooks.locking import LockHooks, locked

OTHER = """
    import sys
    from pathlib import Path
    from tests.hooks.test_locking import hooks_of
    hooks = hooks_of(Path(sys.argv[1]))
    print("locked", flush=True)
    sys.stdin.read()
"""


def flow(folder: Path, *names: str, reads: tuple[str, ...] = ()) -> dict[str, Any]:
    datasets = {name: TextDataset(filepath=str(folder / name)) for name in (*names, *reads)}
    nodes = [Node(lambda: "text", None, name, name=f"write_{name}") for name in names]
    nodes += [Node(print, name, None) for name in reads]
    return {"pipeline": Pipeline(nodes), "catalog": DataCatalog(datasets)}


def hooks_of(folder: Path, *names: str, reads: tuple[str, ...] = ()) -> LockHooks:
    hooks = LockHooks()
    written = names or (() if reads else ("a", "b"))
    hooks.before_pipeline_run(**flow(folder, *written, reads=reads))
    return hooks


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OTHER), str(folder)],
        cwd=Path(__file__).parents[2],
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


def test_what_is_read_is_not_written_meanwhile(tmp_path: Path) -> None:
    reader = hooks_of(tmp_path, "b", reads=("a",))
    another = hooks_of(tmp_path, "c", reads=("a",))
    for reads in (reader, another):
        with pytest.raises(SurroundingsError, match=f"a .{tmp_path}/a. is being read by another"):
            hooks_of(tmp_path, "a")
        reads.after_pipeline_run()
    writer = hooks_of(tmp_path, "a")
    with pytest.raises(SurroundingsError, match=r"is being written by another run: .*run again"):
        hooks_of(tmp_path, "b", reads=("a",))
    writer.after_pipeline_run()
    assert list(tmp_path.iterdir()) == []


def test_an_input_is_let_go_of_when_no_node_loads_it_any_more(tmp_path: Path) -> None:
    hooks, given = LockHooks(), flow(tmp_path, reads=("a",))
    hooks.before_pipeline_run(**given)
    assert (tmp_path / ".a.lock").exists()
    hooks.after_dataset_loaded("a")
    hooks_of(tmp_path, "a").after_pipeline_run()


def test_rows_that_are_read_later_stay_locked(tmp_path: Path) -> None:
    hooks, rows = LockHooks(), SparkFrameDataset(filepath=str(tmp_path / "a"))
    hooks.before_pipeline_run(Pipeline([Node(print, "a", None)]), DataCatalog({"a": rows}))
    hooks.after_dataset_loaded("a")
    with pytest.raises(SurroundingsError, match="is being read by another run"):
        hooks_of(tmp_path, "a")
    hooks.after_pipeline_run()


def test_what_cannot_be_locked_is_read_without(tmp_path: Path) -> None:
    hooks = hooks_of(tmp_path, reads=("no/such/folder/a", "*"))
    assert list(tmp_path.iterdir()) == []
    hooks.after_pipeline_run()


def begin(hooks: tuple[object, ...], given: Mapping[str, Any]) -> None:
    """Call hooks as Kedro does before a run."""
    params = {"env": "test", "pipeline_names": None, "runner": "SequentialRunner"}
    manager = _create_hook_manager()
    for hook in hooks:
        manager.register(hook)
    manager.hook.before_pipeline_run(run_params=params, **given)


def test_a_run_that_another_hook_refuses_holds_nothing(tmp_path: Path) -> None:
    class NoJava:
        @hook_impl(trylast=True)
        def before_pipeline_run(self) -> None:
            raise SurroundingsError("No Java")

    hooks = (LockHooks(), NoJava())  # the first stays, as in a notebook's process
    with pytest.raises(SurroundingsError, match="No Java"):
        begin(hooks, flow(tmp_path, "a", "b", reads=("c",)))
    assert list(tmp_path.iterdir()) == []
    hooks_of(tmp_path, "a", "b", "c").after_pipeline_run()
    assert len(hooks) == 2


def test_inputs_are_looked_at_when_nobody_can_change_them_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bank_spark_dl.hooks import run_record
    from bank_spark_dl.settings import HOOKS

    (tmp_path / "a").write_text("text")
    changed = []

    def look(path: str) -> None:
        with suppress(SurroundingsError):
            hooks_of(tmp_path, "a").after_pipeline_run()
            changed.append(path)

    monkeypatch.setattr(run_record, "fingerprint", look)
    ours = tuple(hook for hook in HOOKS if isinstance(hook, LockHooks | run_record.RunRecordHooks))
    given = flow(tmp_path, reads=("a",))
    given["catalog"]["run"] = TextDataset(filepath=str(tmp_path / "run"))
    with suppress(InputDataError):  # as if nothing were there
        begin(ours, given)
    assert changed == []


def test_a_second_run_in_a_thread_of_this_process_is_refused(tmp_path: Path) -> None:
    hooks, ended = LockHooks(), Event()
    hooks.before_pipeline_run(**flow(tmp_path, "a"))
    said: list[str] = []

    def second() -> None:
        try:
            hooks.before_pipeline_run(**flow(tmp_path, "b"))
        except SurroundingsError as error:
            said.append(str(error))
        ended.set()

    Thread(target=second).start()
    assert ended.wait(10)
    assert len(said) == 1
    assert said[0].startswith("Another run goes on in this process")
    assert (tmp_path / ".a.lock").exists()
    hooks.after_pipeline_run()


@pytest.mark.parametrize("number", [ENOLCK, ENOSYS, EOPNOTSUPP])
def test_a_file_system_without_locks_is_named_and_used(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(number, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    try:
        hooks_of(tmp_path, "b", reads=("a",)).after_pipeline_run()
        with locked(tmp_path / "run.json"):
            pass
    except OSError as error:
        pytest.fail(f"It ends the run: {error}")
    assert f"The file system of {tmp_path} has no locks (No locks available)" in caplog.text


def test_a_folder_may_vanish_before_its_lock_is_made(tmp_path: Path) -> None:
    folder, over = tmp_path / "data", Event()

    def remove() -> None:
        while not over.wait(1e-4):  # seconds
            with suppress(OSError):
                folder.rmdir()

    remover = Thread(target=remove)
    remover.start()
    try:
        for _ in range(300):
            with locked(folder / "run.json"):
                pass
    finally:
        over.set()
        remover.join()


def test_who_waits_for_a_file_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    done = Event()

    def wait() -> None:
        with locked(tmp_path / "run.json"):
            done.set()

    waiter = Thread(target=wait)
    with locked(tmp_path / "run.json"):
        waiter.start()
        done.wait(2)
        said = caplog.text
    waiter.join()
    assert f"Waiting for {tmp_path}/run.json, which another program holds: process " in said


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    with locked(path), pytest.raises(SurroundingsError) as refused, locked(path, patience=0.2):
        pass
    assert f"{path} could not be changed: another program has held" in str(refused.value)
    assert f"process {os.getpid()} on" in str(refused.value)


def test_a_file_is_changed_by_one_at_a_time(tmp_path: Path) -> None:
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

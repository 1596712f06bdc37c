"""The standard error of processes whose threads load Keras: whatever they do, nothing is lost."""

import gc
import subprocess
import sys

import pytest

from bank_spark_dl.distributed.runtime.keras_import import no_garbage_collection


def written(program: str) -> list[str]:
    """What a program of its own process writes to its standard error."""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    return run.stderr.splitlines()


OVERLAPPING = """
import os, sys, threading
from bank_spark_dl.distributed.runtime.keras_import import held_stderr
inside, leave = threading.Event(), threading.Event()
def hold():
    with held_stderr():
        os.write(2, b"of the thread\\n")
        inside.set()
        leave.wait(20)
thread = threading.Thread(target=hold)
thread.start()
inside.wait(20)
with held_stderr():
    os.write(2, b"of both\\n")
    leave.set()
    {join_early}
    os.write(2, b"E0000 start-up line\\n")
thread.join()
print("afterwards", file=sys.stderr, flush=True)
os.write(2, b"and the descriptor\\n")
"""


@pytest.mark.parametrize("join_early", ["pass", "thread.join()"])
def test_blocks_that_overlap_lose_nothing(join_early: str) -> None:
    expected = ["of the thread", "of both", "afterwards", "and the descriptor"]
    assert written(OVERLAPPING.format(join_early=join_early)) == expected


def test_a_block_inside_a_block_loses_nothing() -> None:
    program = """
import os
from bank_spark_dl.distributed.runtime.keras_import import held_stderr
with held_stderr():
    os.write(2, b"outer\\n")
    with held_stderr():
        os.write(2, b"inner\\n")
    os.write(2, b"WARNING: All log messages before absl\\n")
    os.write(2, b"outer again\\n")
os.write(2, b"afterwards\\n")
"""
    assert written(program) == ["outer", "inner", "outer again", "afterwards"]


def test_a_process_that_ends_while_a_thread_holds_it_says_why() -> None:
    """As when the main thread fails while another imports Keras."""
    program = """
import threading
from bank_spark_dl.distributed.runtime.keras_import import held_stderr
inside = threading.Event()
def hold():
    with held_stderr():
        inside.set()
        threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
inside.wait()
raise SystemExit("the reason")
"""
    assert "the reason" in written(program)


def test_a_block_that_fails_shows_all() -> None:
    program = """
import os
from bank_spark_dl.distributed.runtime.keras_import import held_stderr
try:
    with held_stderr():
        os.write(2, b"E0000 no library\\n")
        raise ImportError
except ImportError:
    pass
"""
    assert written(program) == ["E0000 no library"]


def test_many_threads_leave_the_descriptor_as_it_was() -> None:
    program = """
import os, random, sys, threading, time
from bank_spark_dl.distributed.runtime.keras_import import held_stderr
before = os.fstat(2)
def work(number):
    for turn in range(20):
        with held_stderr():
            os.write(2, b"line %d %d\\n" % (number, turn))
            time.sleep(random.random() / 1000)
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
after = os.fstat(2)
print("same" if (before.st_ino, before.st_dev) == (after.st_ino, after.st_dev) else "other")
print(len(os.listdir("/proc/self/fd")))
os.write(2, b"end\\n")
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert run.stdout.split()[0] == "same"
    lines = run.stderr.splitlines()
    expected = {f"line {n} {turn}" for n in range(6) for turn in range(20)}
    assert set(lines) == expected | {"end"}
    assert lines[-1] == "end"


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_collected_afterwards_as_before(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with no_garbage_collection():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        gc.enable()

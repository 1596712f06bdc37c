from pathlib import Path

import pytest

from bank_spark_dl.distributed.data.shard_writer import new_file
from bank_spark_dl.distributed.data.shards import ShardStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShardStore:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path},/elsewhere")
    return ShardStore("token", max_mb=1.0)


def write(store: ShardStore) -> None:
    path = store.path(0)
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_file(path) as file:
        file.write(b"rows")


def test_removed_shards_may_be_written_again(store: ShardStore) -> None:
    write(store)
    store.remove()
    assert not store.path(0).parent.exists()
    write(store)
    assert store.path(0).read_bytes() == b"rows"


def test_forbidden_shards_are_deleted_and_no_task_writes_them_later(store: ShardStore) -> None:
    write(store)
    for _ in range(2):  # each executor may be told more than once
        store.forbid()
        with pytest.raises(OSError, match="token"):
            write(store)


def test_a_task_that_is_writing_when_shards_are_forbidden_leaves_nothing(store: ShardStore) -> None:
    def write_meanwhile() -> None:
        with new_file(store.path(0)) as file:
            file.write(b"rows")
            store.forbid()

    store.path(0).parent.mkdir()
    with pytest.raises(OSError, match="token"):
        write_meanwhile()
    assert store.path(0).parent.is_file()

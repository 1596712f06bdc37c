"""One run over rows full of markup, with secrets in the configuration: what it opens and writes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader

from bank_spark_dl.datasets import ResultDataset, SparkFrameDataset
from bank_spark_dl.ml.evaluation.intervals import Interval
from bank_spark_dl.ml.features.columns import FeatureColumns
from bank_spark_dl.ml.monitoring.profile import ColumnProfile, DataProfile
from bank_spark_dl.parameters import check_parameters
from bank_spark_dl.pipelines.reporting.page import Findings, render_card
from tests.strangers.project import (
    COLUMN,
    END,
    ENVIRONMENT,
    FILE,
    FORMULA,
    LINK,
    POSITIVE,
    SCRIPT,
    SECRETS,
    make_project,
)
from tests.strangers.sockets import Listener, watch

FINDINGS = {
    "metrics": "Metrics",
    "decision": "AnyDecision",
    "importance": "Importance",
    "segments": "Subgroups",
}
ONE_NODE = ("--pipelines=reporting", "--nodes=draw_learning_curve")  # needs no Spark
HISTORY = (
    "training_history: {{type: bank_spark_dl.datasets.ResultDataset, filepath: '{}', "
    "result: bank_spark_dl.ml.models.record.TrainingRecord, credentials: bucket}}"
)


@dataclass(frozen=True)
class Run:
    """What a finished run left."""

    project: Path
    status: int
    said: bytes
    seen: set[Listener]

    def text(self, name: str) -> str:
        return (self.project / "data/08_reporting" / name).read_text()


def run(project: Path, *arguments: str) -> Run:
    environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(project / "src")}
    kedro = Path(sys.executable).parent / "kedro"
    with (project.parent / "said").open("wb") as said:
        process = subprocess.Popen(
            [kedro, "run", *arguments], cwd=project, env=environment, stdout=said, stderr=said
        )
        seen = watch(process, seconds=500)
    return Run(project, process.wait(), (project.parent / "said").read_bytes(), seen)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    done = run(make_project(tmp_path_factory.mktemp("strangers")))
    assert done.status == 0, done.said.decode()[-5000:]
    return done


def test_only_loopback_is_listened_on(done: Run) -> None:
    programs = {found.program.partition(" ")[0].rpartition("/")[2] for found in done.seen}
    assert "java" in programs, "Spark's own sockets were not seen"
    assert any(program.startswith("python") for program in programs), "no worker was seen"
    assert [found for found in done.seen if not found.is_on_loopback()] == []


def test_the_ui_was_among_what_was_seen(done: Run) -> None:
    assert b"http://127.0.0.1:" in done.said
    port = int(done.said.partition(b"http://127.0.0.1:")[2].split()[0])
    assert port in {found.port for found in done.seen}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text without scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.shown += data
        elif self.cdata_elem == "script":
            self.scripts.append(data)


def test_the_report_shows_markup_as_text(done: Run) -> None:
    page = Page(done.text("report.html"))
    for text in (SCRIPT, FORMULA, LINK, END, COLUMN, POSITIVE, FILE):
        assert text in page.shown, f"{text} is not shown as it is"
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"i", "u", "img", "a", "iframe"})
    assert not [name for _, names in page.elements for name in names if name.startswith("on")]
    assert not [script for script in page.scripts if script.lstrip().startswith("alert")]
    assert done.text("report.html").count("<script") == len([*page.scripts])


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def test_plots_hold_no_markup_of_the_data(done: Run) -> None:
    """Plotly would draw it, in the report and in Kedro-Viz: links too."""
    shown = []
    for path in (done.project / "data/08_reporting").glob("*.json"):
        content = json.loads(path.read_text())
        if isinstance(content, dict) and "layout" in content:
            content["layout"].pop("template", None)
            shown += list(texts(content))
    assert "predicted deposit" in shown
    assert "not &lt;u&gt;yes&lt;/u&gt;" in shown
    assert "&lt;i&gt;job&lt;/i&gt;|_x_" in shown
    markup = ("<i>", "<u>", "<script", "<img", "<a ")
    assert [text for text in shown if any(sign in text for sign in markup)] == []


def test_the_model_card_shows_markup_as_text(done: Run) -> None:
    metrics, decision, importance, segments = (
        ResultDataset(
            filepath=str(done.project / f"data/08_reporting/{name}.json"),
            result=f"bank_spark_dl.ml.evaluation.results.{result}",
        ).load()
        for name, result in FINDINGS.items()
    )
    weak = Interval(0.0, 0.0, 0.0)  # so that the card names all of them
    subgroups = tuple(replace(group, accuracy=weak) for group in segments)
    loader = OmegaConfigLoader(
        str(done.project / "conf"),
        base_env="base",
        default_run_env="local",
        merge_strategy={"parameters": "soft"},
    )
    suspicious = {"suspicious": {SCRIPT: 0.99}}
    options = check_parameters(loader["parameters"]).data.model_copy(update=suspicious)
    inputs = FeatureColumns((), (), {LINK: SCRIPT}, same_period=(SCRIPT,))
    missing = {LINK: ColumnProfile(count=1, nulls=1, distinct=1, distinct_is="exact")}
    profile = DataProfile("", "", synthetic=False, rows=2, columns=missing)
    findings = Findings(metrics, decision, importance, subgroups, inputs, profile, options)
    card = render_card(findings)
    assert "<" not in card + done.text("model_card.md")
    assert r"&lt;script&gt;alert(1)&lt;/script&gt;" in card
    assert r"\[x\](javascript:alert(2)) \| \*\*b\*\*" in card
    assert r"&lt;i&gt;job&lt;/i&gt;\|\_x\_ =1+1" in card
    rows = [line for line in card.splitlines() if line.startswith("|")]
    assert {line.count("|") - line.count(r"\|") for line in rows} == {6}


def test_previews_hand_over_text_not_html(done: Run) -> None:
    """Kedro-Viz's table draws strings as they are."""
    path = str(done.project / "data/03_primary/train_rows.parquet")
    preview = SparkFrameDataset(filepath=path).preview(nrows=500)
    jobs = [row[preview["columns"].index(COLUMN)] for row in preview["data"]]
    assert {SCRIPT, FORMULA, LINK, END} <= set(jobs)


def files_of(project: Path) -> Iterator[Path]:
    """Everything in the project but the place that secrets come from."""
    for path in project.rglob("*"):
        if path.is_file() and project / "conf/local" not in path.parents:
            yield path


def leaks(done: Run) -> list[str]:
    places = {
        str(path.relative_to(done.project)): path.read_bytes() for path in files_of(done.project)
    }
    places["what was printed"] = done.said
    places["command lines"] = "\n".join(found.program for found in done.seen).encode()
    found = [
        (name, secret) for name in places for secret in SECRETS if secret.encode() in places[name]
    ]
    return [f"{secret} in {name}" for name, secret in found]


def test_secrets_stay_where_they_are(done: Run) -> None:
    assert (done.project / "data/08_reporting/run.json").exists()
    assert "spark.hadoop.fs.s3a" in "".join((done.project / "conf/local/spark.yml").read_text())
    assert leaks(done) == []


def test_the_search_finds_a_secret(done: Run, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/x.log").write_text(f"key={SECRETS[2]}")
    assert leaks(Run(tmp_path, 0, SECRETS[0].encode(), set())) == [
        f"{SECRETS[2]} in logs/x.log",
        f"{SECRETS[0]} in what was printed",
    ]


@pytest.mark.parametrize(
    ("arguments", "file", "content"),
    [
        pytest.param(("--params=elephas.epochs=-1",), None, "", id="parameter"),
        pytest.param(
            (f"--params=raw_filepath=s3a://me:{SECRETS[0]}@bucket/rows.csv",), None, "", id="uri"
        ),
        pytest.param((), "credentials.yml", f'bucket: {{key: "{SECRETS[0]}\n  token: [', id="yaml"),
        pytest.param(ONE_NODE, "catalog.yml", HISTORY.format("s3://no/h.json"), id="no-s3fs"),
        pytest.param(ONE_NODE, "catalog.yml", HISTORY.format("no.json"), id="missing-file"),
    ],
)
def test_secrets_stay_there_when_a_run_fails(
    done: Run, arguments: tuple[str, ...], file: str | None, content: str
) -> None:
    place = done.project / "conf/local" / (file or "catalog.yml")
    before = place.read_text()
    place.write_text(content if file else before)
    try:
        failed = run(done.project, *arguments)
    finally:
        place.write_text(before)
    assert failed.status == 1
    assert failed.said
    assert leaks(failed) == []

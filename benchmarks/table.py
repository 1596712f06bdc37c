"""The table of results in docs/results.md."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

Figures = Mapping[str, Sequence[Mapping[str, float]]]


def make_table(results: Figures, cores: int, repeats: int) -> str:
    """Write medians and ratios as Markdown.

    Args:
        results: For each measurement the figures of its runs, see `benchmarks.__main__`.
        cores: Cores of the machine.
        repeats: Runs of each measurement but the slowest.

    Returns:
        The section's text.
    """

    def median(name: str, figure: str = "seconds") -> float:
        return statistics.median(run[figure] for run in results[name])

    rate = "rows_per_second"
    lines = [
        f"Measured in turn on {cores} cores, medians of {repeats} turns; stock Elephas with 6 "
        "workers and the trainings on generated rows: 1 turn.",
        "",
        "| what | stock Elephas | this engine | plain Keras | ratio |",
        "| --- | --- | --- | --- | --- |",
    ]
    for workers in (1, 6):
        stock = median(f"stock {workers}")
        for state, start in (("warm", "workers started with the session"), ("ours", "cold")):
            ours = median(f"{state} {workers}")
            lines.append(
                f"| training, 25 epochs, {workers} worker{'s' * (workers > 1)}, {start} "
                f"| {stock:.1f} s | {ours:.1f} s | | {stock / ours:.1f} times as fast as stock |"
            )
    keras = median("keras")
    for state, start in (("warm", "worker started with the session"), ("ours", "cold")):
        ours = median(f"{state} 1")
        lines.append(
            f"| the same, 1 worker, {start}, against `fit` | | {ours:.1f} s | {keras:.1f} s "
            f"| {ours / keras:.2f} of Keras's time |"
        )
    alone, both = median("one by one"), median("at once")
    lines.append(
        f"| two trainings of 100 epochs at once against one after the other | | {both:.1f} against "
        f"{alone:.1f} s | | {both / alone:.2f} of the time |"
    )
    one, two = median("generated 1", rate), median("generated 2", rate)
    lines.append(
        f"| training on generated rows, 2 workers against 1 | | {two:,.0f} against {one:,.0f} "
        f"rows/s | | {two / one:.2f} times |"
    )
    stock, ours = median("score stock", rate), median("score ours", rate)
    lines.append(
        f"| scoring generated rows, cold | {stock:,.0f} rows/s | {ours:,.0f} rows/s "
        f"| | {ours / stock:.1f} times; reading alone {median('read', rate):,.0f} rows/s |"
    )
    extra = median("generated 2", "peak_bytes") - median("small", "peak_bytes")
    held = median("generated 2", "held_bytes")
    lines.append(
        f"| memory of a worker above one with 1,000 rows | | {extra / 1e6:.0f} MB for "
        f"{held / 1e6:.0f} MB of rows | | {extra / held:.1f} times |"
    )
    return "\n".join(lines)


def write_section(path: Path, section: str, name: str = "benchmarks") -> None:
    """Replace what lies between the markers of a page, or append it with markers.

    Args:
        path: The page.
        section: Markdown.
        name: Of the markers.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = path.read_text() if path.exists() else "# Results\n"
    if begin not in text:
        text = f"{text.rstrip()}\n\n## {name.capitalize()}\n\n{begin}\n{end}\n"
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    path.write_text(f"{before}{begin}\n{section}\n{end}{after}")

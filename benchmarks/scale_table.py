"""The tables of docs/scale.md."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.driver import Driven

Runs = Mapping[int, Driven]
Measured = Mapping[str, Runs]  # by pipeline and number of rows


def fit_line(points: Mapping[int, float]) -> tuple[float, float]:
    """Fit seconds = fixed + slope * count, so that the relative errors are small.

    Args:
        points: Seconds by count.

    Returns:
        Fixed seconds and seconds for each one more.
    """
    counts = np.array(list(points), dtype=float)
    seconds = np.array(list(points.values()))
    columns = np.stack([np.ones_like(counts), counts], axis=1) / seconds[:, np.newaxis]
    fixed, slope = np.linalg.lstsq(columns, np.ones_like(seconds), rcond=None)[0]
    return float(fixed), float(slope)


def scale_tables(measured: Measured, outside: Mapping[int, float]) -> str:
    """Write what was measured, and what follows from it.

    Args:
        measured: Runs by pipeline and rows.
        outside: Share of the rounds' time in which the slowest worker did not compute, by rows.
    """
    sizes = sorted({rows for runs in measured.values() for rows in runs})
    few, many = sizes[-2:]
    tables = [
        _table(sizes, measured, "seconds of all steps", _seconds, ("fitted", _fitted)),
        _table(sizes, measured, "Spark jobs, MB read", _jobs),
        _table(sizes, measured, "most memory: driver's JVM + Python; an executor", _memory),
    ]
    shares = ", ".join(f"{outside[rows]:.1%} at {rows:,} rows" for rows in sorted(outside))
    ratio = f"{many:,} rows against {few:,}"
    features = measured["feature_engineering"]
    lines = [
        f"- `feature_engineering`, {ratio}: {features[many].seconds / features[few].seconds:.1f} "
        "times the time.",
        f"- The driver's most memory, {ratio}: {_growth(measured, few, many)}.",
        f"- Rounds, time in which the slowest worker did not compute: {shares}.",
    ]
    return "\n\n".join([*tables, "\n".join(lines)])


def _table(
    sizes: Sequence[int],
    measured: Measured,
    title: str,
    cell: Callable[[Driven], str],
    last: tuple[str, Callable[[Runs], str]] | None = None,
) -> str:
    heads = [title, *(f"{rows:,} rows" for rows in sizes), *([last[0]] if last else [])]
    lines = [heads, ["---"] * len(heads)]
    for name, runs in measured.items():
        cells = [cell(runs[rows]) if rows in runs else "not measured" for rows in sizes]
        lines.append([f"`{name}`", *cells, *([last[1](runs)] if last else [])])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _seconds(run: Driven) -> str:
    return f"{run.seconds:.1f}"


def _fitted(runs: Runs) -> str:
    fixed, slope = fit_line({rows: run.seconds for rows, run in runs.items()})
    return f"{fixed:.0f} s + {slope * 1e6:.1f} s for each million"


def _jobs(run: Driven) -> str:
    jobs = sum(step["jobs"] for step in run.steps.values())
    return f"{jobs}, {sum(step['bytes_read'] for step in run.steps.values()) / 1e6:,.0f}"


def _memory(run: Driven) -> str:
    return f"{run.java:.0f} + {run.python:.0f}; {run.executor:.0f} MiB"


def _growth(measured: Measured, few: int, many: int) -> str:
    ratios = {
        name: (runs[many].java + runs[many].python) / (runs[few].java + runs[few].python)
        for name, runs in measured.items()
    }
    return ", ".join(f"{ratio:.2f} in `{name}`" for name, ratio in ratios.items())

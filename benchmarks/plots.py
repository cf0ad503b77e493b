"""Plots of the results, as SVG that is the same for the same results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from benchmarks.goals import FORMAT_NAMES

COLOURS = {"parquet": "#1b6ca8", "csv": "#c4622d"}
STYLE = {
    "svg.hashsalt": "claim-audit",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
}
NO_TRACE = {"Date": None, "Creator": None}

Row = Mapping[str, Any]


def draw(results: Mapping[str, Any], folder: Path) -> None:
    """Write `time.svg`, `memory.svg` and `stages.svg`."""
    with mpl.rc_context(STYLE):
        for name, figure in {
            "time": time(results["audits"]),
            "memory": memory(results["audits"]),
            "stages": stages(results["audits"]),
        }.items():
            figure.savefig(folder / f"{name}.svg", metadata=NO_TRACE)


def time(rows: Sequence[Row]) -> Figure:
    """Seconds against lines, of audit and floor."""
    figure, axes = _against_lines(rows)
    for form, of_form in _by_format(rows).items():
        lines = [row["lines"] for row in of_form]
        for what, dash in (("audit", "-o"), ("floor", "--s")):
            seconds = [row[f"{what}_seconds"] for row in of_form]
            label = f"{FORMAT_NAMES[form]}, {what}"
            axes.plot(lines, seconds, dash, color=COLOURS[form], label=label)
    axes.set_yscale("log")
    axes.set_ylabel("seconds")
    axes.legend(frameon=False)
    return figure


def memory(rows: Sequence[Row]) -> Figure:
    """Peak memory against lines."""
    figure, axes = _against_lines(rows)
    for form, of_form in _by_format(rows).items():
        lines, peaks = zip(*((row["lines"], row["peak_mib"]) for row in of_form), strict=True)
        axes.plot(lines, peaks, "-o", color=COLOURS[form], label=FORMAT_NAMES[form])
    axes.set_ylim(bottom=0)
    axes.set_ylabel("peak memory, MiB")
    axes.legend(frameon=False)
    return figure


def stages(rows: Sequence[Row]) -> Figure:
    """A bar per stage, of the largest file of each format."""
    largest = {form: of_form[-1] for form, of_form in _by_format(rows).items()}
    figure = Figure(figsize=(8, 1 + 0.35 * sum(len(r["stages"]) + 1 for r in largest.values())))
    places = figure.subplots(len(largest), squeeze=False, sharex=True)[:, 0]
    for axes, (form, row) in zip(places, largest.items(), strict=True):
        ranks = range(len(row["stages"]))
        bars = axes.barh(ranks, [stage["seconds"] for stage in row["stages"]], color=COLOURS[form])
        axes.bar_label(bars, fmt="%.2f", padding=3)
        axes.set_yticks(ranks, [stage["stage"] for stage in row["stages"]])
        axes.invert_yaxis()
        axes.margins(x=0.1)
        axes.grid(axis="y", visible=False)
        axes.set_title(f"{FORMAT_NAMES[form]}, {row['lines']:,} lines", loc="left")
    places[-1].set_xlabel("seconds")
    figure.tight_layout()
    return figure


def _by_format(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each format, the largest file last."""
    ordered = sorted(rows, key=lambda row: row["lines"])
    found = {form: [row for row in ordered if row["format"] == form] for form in FORMAT_NAMES}
    return {form: of_form for form, of_form in found.items() if of_form}


def _against_lines(rows: Sequence[Row]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 4), layout="tight")
    axes = figure.subplots()
    sizes = sorted({row["lines"] for row in rows})
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("lines")
    return figure, axes

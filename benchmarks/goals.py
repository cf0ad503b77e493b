"""The goals for speed and scale, each with what was measured and whether that meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Results = Mapping[str, Any]

OVER_FLOOR = {"parquet": 8, "csv": 3}
OVER_READING = {(1_000_000, "parquet"): 15}
OVER_RIVAL = {
    "duckdb_sql": {"parquet": 1.5, "csv": 2},
    "pandas_frames": {"parquet": 10, "csv": 10},
    "pandera_chunks": {"parquet": 30, "csv": 30},
}
RIVAL_NAMES = {"duckdb_sql": "DuckDB", "pandas_frames": "pandas", "pandera_chunks": "pandera"}
FORMAT_NAMES = {"parquet": "Parquet", "csv": "CSV"}
LESS, MORE, LARGE = 5_000_000, 20_000_000, 100_000_000
COMMANDS = {
    "help": ("`claim-audit --help`", 0.3),
    "rules": ("`claim-audit rules`", 0.3),
    "small_file": ("a file of 1,000 lines, end to end", 1.5),
}


@dataclass(frozen=True)
class Goal:
    """A figure that is asked for.

    Attributes:
        what: what it is the figure of.
        at_most: whether the figure is an upper bound.
        asked: the figure.
        unit: ` s`, ` MiB`, or `×` of something.
        measured: what was measured; None where it was not.
    """

    what: str
    at_most: bool
    asked: float
    unit: str
    measured: float | None

    @property
    def figure(self) -> str:
        """The figure asked."""
        return f"{'≤' if self.at_most else '≥'} {self.asked:,}{self.unit}"

    @property
    def found(self) -> str:
        """The figure measured."""
        return "" if self.measured is None else f"{self.measured:,}{self.unit}"

    @property
    def verdict(self) -> str:
        """Met, or missed by how much, as a share of the figure asked."""
        if self.measured is None:
            return "not measured"
        beyond = (self.measured - self.asked) * (1 if self.at_most else -1)
        if beyond <= 0:
            return "met"
        return f"missed by {100 * beyond / self.asked:,.1f} %" if self.asked else "missed"


def goals(results: Results, large: Results | None) -> list[Goal]:
    """All goals; those of the large file from its own results, where there are any."""
    return [
        *_over_floor(results),
        *_over_reading(results),
        *_over_rivals(results),
        *_growth(results),
        *_large(large),
        *_commands(results),
    ]


def _over_floor(results: Results) -> list[Goal]:
    return [
        Goal(
            f"{FORMAT_NAMES[row['format']]}, {row['lines']:,} lines, audit to floor",
            at_most=True,
            asked=OVER_FLOOR[row["format"]],
            unit="×",
            measured=row["ratio"],
        )
        for row in results["audits"]
    ]


def _over_reading(results: Results) -> list[Goal]:
    return [
        Goal(
            f"{FORMAT_NAMES[row['format']]}, {row['lines']:,} lines, audit to reading into memory",
            at_most=True,
            asked=OVER_READING[row["lines"], row["format"]],
            unit="×",
            measured=row["reading_ratio"],
        )
        for row in results["audits"]
        if (row["lines"], row["format"]) in OVER_READING
    ]


def _over_rivals(results: Results) -> list[Goal]:
    return [
        Goal(
            f"{RIVAL_NAMES[row['rival']]} to the shared rules,"
            f" {FORMAT_NAMES[row['format']]}, {row['lines']:,} lines",
            at_most=False,
            asked=OVER_RIVAL[row["rival"]][row["format"]],
            unit="×",
            measured=row["ratio"],
        )
        for row in results["rivals"]
        if row["rival"] in OVER_RIVAL
    ]


def _growth(results: Results) -> list[Goal]:
    found = []
    for form, name in FORMAT_NAMES.items():
        rows = {row["lines"]: row for row in results["audits"] if row["format"] == form}
        peak = rows[MORE]["peak_mib"] if MORE in rows else None
        both = [rows[LESS], rows[MORE]] if LESS in rows and MORE in rows else None
        grown = f"{name}, {{}} from {LESS:,} to {MORE:,} lines"
        found += [
            Goal(grown.format("time"), True, 4.2, "×", _grown(both, "audit_seconds")),
            Goal(grown.format("peak memory"), True, 1.3, "×", _grown(both, "peak_mib")),
            Goal(f"{name}, peak memory at {MORE:,} lines", True, 2048, " MiB", peak),
        ]
    return found


def _grown(both: list[Mapping[str, Any]] | None, figure: str) -> float | None:
    return round(both[1][figure] / both[0][figure], 2) if both else None


def _large(large: Results | None) -> list[Goal]:
    unmeasured: list[dict[str, Any]] = [
        {"lines": lines, "format": "parquet"} for lines in (LESS, LARGE)
    ]
    beside, row = large["audits"] if large else unmeasured
    name = f"{FORMAT_NAMES[row['format']]}, {row['lines']:,} lines"
    kept = round(row["lines_per_second"] / beside["lines_per_second"], 2) if large else None
    broken = row["outcomes"].get("error", 0) if large else None
    return [
        Goal(f"{name}, rules that broke", True, 0, "", broken),
        Goal(f"{name}, peak memory", True, 4096, " MiB", row.get("peak_mib")),
        Goal(f"{name}, lines a second to {beside['lines']:,} lines", False, 0.85, "×", kept),
    ]


def _commands(results: Results) -> list[Goal]:
    return [
        Goal(name, True, asked, " s", row["seconds"])
        for row in results["commands"]
        for name, asked in [COMMANDS[row["command"]]]
    ]

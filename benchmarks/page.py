"""The results as a page, `benchmarks/README.md`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.goals import COMMANDS, goals
from benchmarks.rivals import RIVALS

Results = Mapping[str, Any]

PAGE = """# What an audit costs

Measured by `make bench` on {machine}, {threads} threads, Python {python}, Polars {polars}, on files
from `claim-audit sample` with 3 % planted errors, each measurement in a process of its own, with
`claim-audit` installed as its users install it. What is compared is measured in turn, in rounds: as
many as make three million lines, at most three, at least one. Each figure is the median over the
rounds, a ratio the median of the ratios round by round, a peak the highest. All of it took
{minutes} minutes.

## Goals

| | asked | measured | |
|---|--:|--:|---|
{goals}

Where the time goes, and what is in the way: [`docs/profile.md`](../docs/profile.md).

## Beside reading

All rules, all tables written. The floor is decoding every column of the same file with Polars and
nothing more (Parquet: null counts of all columns; CSV: all columns as text). Seconds and ratios are
taken inside the process, once everything is imported: of the audit to the floor, and to reading the
file into memory with Polars, all columns of it. One more ratio to the floor is that of the whole
processes, from start to exit. The last column is the peak of memory.

| lines | format | rounds | MB | floor, s | audit, s | ratio | reading | processes | lines/s | MiB |
|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{audits}

![Seconds against lines](time.svg)

![Peak memory against lines](memory.svg)

![Seconds per stage](stages.svg)

## Beside other programs

The rules that all have (`benchmarks/rivals/shared.py`), on the same file; a test holds that each
finds the same lines. The ratio is the other program's time to that of `claim-audit`, which also
accounts for every record, hashes the file, judges again what it found and writes all its tables.

| program | lines | format | rounds | claim-audit, s | program, s | ratio |
|---|--:|---|--:|--:|--:|--:|
{rivals}

## Commands

Whole processes, from start to exit; the last column is the peak of memory.

| command | runs | median, s |
|---|--:|--:|
{commands}
"""

LARGE = """
## One large file

Measured by `make bench-large` on {machine}, {threads} threads, Python {python}, Polars {polars};
each file once, all rules, all tables written. Outcomes of the rules on the larger: {outcomes}.

| lines | format | file, MB | audit, s | lines a second | peak, MiB | exceptions |
|--:|---|--:|--:|--:|--:|--:|
{audits}
"""


def page(results: Results, large: Results | None) -> str:
    """The page; with the large file where it was measured."""
    text = PAGE.format(
        **results["machine"],
        minutes=results["minutes"],
        goals=_rows(
            (goal.what, goal.figure, goal.found, goal.verdict) for goal in goals(results, large)
        ),
        audits=_rows(
            (
                f"{row['lines']:,}",
                row["format"],
                row["rounds"],
                _megabytes(row),
                row["floor_seconds"],
                row["audit_seconds"],
                row["ratio"],
                row["reading_ratio"] or "",
                row["process_ratio"],
                f"{row['lines_per_second']:,}",
                f"{row['peak_mib']:,}",
            )
            for row in results["audits"]
        ),
        rivals=_rows(
            (
                RIVALS[row["rival"]],
                f"{row['lines']:,}",
                row["format"],
                row["rounds"],
                row["shared_seconds"],
                row["rival_seconds"],
                row["ratio"],
            )
            for row in results["rivals"]
        ),
        commands=_rows(
            (COMMANDS[row["command"]][0], row["runs"], row["seconds"])
            for row in results["commands"]
        ),
    )
    return text + _large(large) if large else text


def _large(large: Results) -> str:
    return LARGE.format(
        **large["machine"],
        outcomes=", ".join(
            f"{count} {name}" for name, count in sorted(large["audits"][-1]["outcomes"].items())
        ),
        audits=_rows(
            (
                f"{row['lines']:,}",
                row["format"],
                _megabytes(row),
                row["audit_seconds"],
                f"{row['lines_per_second']:,}",
                f"{row['peak_mib']:,}",
                f"{row['exceptions']:,}",
            )
            for row in large["audits"]
        ),
    )


def _megabytes(row: Mapping[str, Any]) -> str:
    return f"{row['file_bytes'] / 1e6:,.0f}"


def _rows(rows: Iterable[Iterable[object]]) -> str:
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)

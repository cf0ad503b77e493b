"""The measured part of `docs/profile.md`: time and peak memory per stage.

The rest of that page is written by hand, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.goals import FORMAT_NAMES

BEGIN, END = "<!-- measured by make bench -->\n", "<!-- end of what is measured -->\n"

PART = """
Time and peak memory per stage, as the manifest of the run has them, and what belongs to no stage.

{tables}
![Seconds per stage](../benchmarks/stages.svg)

"""

TABLE = """{name}, {lines:,} lines, {seconds} s in all:

| stage | s | share | peak memory, MiB |
|---|--:|--:|--:|
{rows}
"""


def renewed(text: str, results: Mapping[str, Any]) -> str:
    """The page with the measured part of these results."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{part(results)}{END}{after}"


def part(results: Mapping[str, Any]) -> str:
    """A table for the largest file of each format."""
    largest = [
        max((row for row in results["audits"] if row["format"] == form), key=lambda r: r["lines"])
        for form in FORMAT_NAMES
    ]
    return PART.format(tables="\n".join(map(_table, largest)))


def _table(row: Mapping[str, Any]) -> str:
    whole = row["audit_seconds"]
    stages = [
        (stage["stage"], stage["seconds"], f"{stage['peak_memory_bytes'] / 2**20:,.0f}")
        for stage in row["stages"]
    ]
    other = max(0.0, whole - sum(seconds for _, seconds, _ in stages))
    return TABLE.format(
        name=FORMAT_NAMES[row["format"]],
        lines=row["lines"],
        seconds=whole,
        rows="\n".join(
            f"| {name} | {seconds:.2f} | {100 * seconds / whole:.0f} % | {peak} |"
            for name, seconds, peak in [*stages, ("no stage", other, f"{row['peak_mib']:,}")]
        ),
    )

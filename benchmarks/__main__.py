"""`make bench`: measure audits beside the floor and beside rivals, and whole commands.

Writes `results.json`, from it `README.md`, plots and the measured part of `docs/profile.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import commands, machine, published
from benchmarks.compared import beside_floor, beside_rivals
from benchmarks.rivals import RIVALS
from benchmarks.samples import FORMATS, sample_file

MOST_SECONDS = 12 * 60
"""When so much time has gone, the last comparison is left out."""

Rows = list[dict[str, Any]]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000, 5_000_000, 20_000_000])
    parser.add_argument("--rival-lines", type=int, default=500_000)
    parser.add_argument("--duckdb-lines", type=int, default=1_000_000, help="if time allows")
    given = parser.parse_args()
    began = time.monotonic()
    rivals = on_each_format(given.rival_lines, partial(beside_rivals, rivals=list(RIVALS)))
    small = commands.measured()
    audits = [row for lines in given.lines for row in on_each_format(lines, beside_floor)]
    if time.monotonic() - began < MOST_SECONDS:
        rivals += on_each_format(given.duckdb_lines, partial(beside_rivals, rivals=["duckdb_sql"]))
    results = {
        "machine": machine.described(),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "audits": audits,
        "rivals": rivals,
        "commands": small,
    }
    published.keep(published.RESULTS, results)
    published.publish()


def on_each_format(lines: int, compare: Callable[[Path, int], Rows]) -> Rows:
    """What a comparison finds on a file of each format, told as it comes."""
    found: Rows = []
    for form in FORMATS:
        with sample_file(lines, form) as file:
            rows = compare(file, lines)
        print(*map(json.dumps, rows), sep="\n", file=sys.stderr)
        found += rows
    return found


if __name__ == "__main__":
    main()

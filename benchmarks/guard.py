"""`make guard`: has an audit become dearer, in floors, than `results.json` says?

Fails where the median ratio of audit to floor is above one and a half times the recorded one. The
machine is noisy: what fails by three rounds is judged again by seven.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator

from benchmarks import published
from benchmarks.rounds import in_turn, ratio
from benchmarks.samples import sample_file

ROOM = 1.5
FIRST, IN_ALL = 3, 7


def main() -> None:
    """Measure and judge."""
    parser = argparse.ArgumentParser(prog="benchmarks.guard", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    given = parser.parse_args()
    allowed = ROOM * recorded(given.lines)
    with sample_file(given.lines, "parquet") as file:
        found = judged(
            (ratio(in_turn(("floor", "audit"), file, 1), "audit", "floor") for _ in range(IN_ALL)),
            allowed,
        )
    print(
        f"An audit of {given.lines:,} Parquet lines costs {found:.1f} floors;"
        f" recorded are {allowed / ROOM:.1f}, allowed {allowed:.1f}."
    )
    if found > allowed:
        raise SystemExit(
            "An audit has become dearer. Where that is meant, measure anew: make bench"
        )


def recorded(lines: int) -> float:
    """The ratio in `results.json`."""
    for row in json.loads(published.RESULTS.read_text())["audits"]:
        if (row["lines"], row["format"]) == (lines, "parquet"):
            return float(row["ratio"])
    raise SystemExit(f"No ratio is recorded for {lines:,} Parquet lines: make bench")


def judged(ratios: Iterator[float], allowed: float) -> float:
    """The median of the first three ratios, or of seven where that is more than allowed."""
    found = [next(ratios) for _ in range(FIRST)]
    if statistics.median(found) > allowed:
        found += ratios
    return statistics.median(found)


if __name__ == "__main__":
    main()

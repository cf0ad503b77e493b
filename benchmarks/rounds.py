"""Things measured in turn, each time in a process of its own.

A machine is noisy over minutes, less so over seconds. So what is compared is measured in rounds,
each thing once a round, and the ratios are those of one round.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Measured = dict[str, Any]
"""What `benchmarks.measure` prints."""

Round = dict[str, Measured]
"""By name of the thing."""

ROOT = Path(__file__).parent.parent


def once(what: str, file: Path) -> Measured:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", what, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{what} of {file.name} failed:\n{done.stderr}")
    found: Measured = json.loads(done.stdout)
    return found


def in_turn(whats: Sequence[str], file: Path, count: int) -> list[Round]:
    """So many rounds of the things."""
    return [{what: once(what, file) for what in whats} for _ in range(count)]


def fitting(lines: int) -> int:
    """How many rounds a file of so many lines gets: three, and one where they would take long."""
    return max(1, min(3, 3_000_000 // lines))


def seconds(rounds: Sequence[Round], what: str) -> float:
    """The median time of a thing."""
    return round(statistics.median(each[what]["seconds"] for each in rounds), 3)


def ratio(rounds: Sequence[Round], above: str, below: str) -> float:
    """The median of the ratios of two things, round by round."""
    return round(
        statistics.median(each[above]["seconds"] / each[below]["seconds"] for each in rounds), 2
    )


def peak_mib(rounds: Sequence[Round], what: str) -> int:
    """The highest peak of memory of a thing."""
    return round(max(each[what]["peak_bytes"] for each in rounds) / 2**20)


def middle(rounds: Sequence[Round], what: str) -> Measured:
    """The measurement of a thing that took the median time."""
    return sorted((each[what] for each in rounds), key=lambda one: one["seconds"])[
        (len(rounds) - 1) // 2
    ]

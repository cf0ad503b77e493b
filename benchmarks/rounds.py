"""Things measured in turn, each time in a process of its own.

A machine is noisy over minutes, less so over seconds. So what is compared is measured in rounds,
each thing once a round, and the ratios are those of one round.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import users
from benchmarks.measure import OWN

Measured = dict[str, Any]
"""What `benchmarks.measure` prints, and `process_seconds`, the time of the whole process."""

Round = dict[str, Measured]
"""By name of the thing."""

ROOT = users.ROOT


def once(what: str, file: Path) -> Measured:
    """One measurement in a process of its own; rivals are installed where tests are."""
    interpreter = users.python() if what in OWN else sys.executable
    began = time.perf_counter()
    done = subprocess.run(
        [interpreter, "-m", "benchmarks.measure", what, str(file)],
        cwd=ROOT,
        env=users.ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{what} of {file.name} failed:\n{done.stderr}")
    found: Measured = json.loads(done.stdout)
    return found | {"process_seconds": seconds}


def in_turn(whats: Sequence[str], file: Path, count: int) -> list[Round]:
    """So many rounds of the things."""
    return [{what: once(what, file) for what in whats} for _ in range(count)]


def fitting(lines: int) -> int:
    """How many rounds a file of so many lines gets: three, and one where they would take long."""
    return max(1, min(3, 3_000_000 // lines))


def seconds(rounds: Sequence[Round], what: str) -> float:
    """The median time of a thing."""
    return round(statistics.median(each[what]["seconds"] for each in rounds), 3)


def ratio(rounds: Sequence[Round], above: str, below: str, of: str = "seconds") -> float:
    """The median of the ratios of two things, round by round."""
    return round(statistics.median(each[above][of] / each[below][of] for each in rounds), 2)


def peak_mib(rounds: Sequence[Round], what: str) -> int:
    """The highest peak of memory of a thing."""
    return round(max(each[what]["peak_bytes"] for each in rounds) / 2**20)


def middle(rounds: Sequence[Round], what: str) -> Measured:
    """The measurement of a thing that took the median time."""
    return sorted((each[what] for each in rounds), key=lambda one: one["seconds"])[
        (len(rounds) - 1) // 2
    ]

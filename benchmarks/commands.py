"""Whole processes by the clock, from start to exit, imports and all."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.rounds import ROOT
from benchmarks.samples import sample_file

RUNS = 5
SMALL = 1_000
"""Lines of the file that is audited."""


def measured() -> list[dict[str, Any]]:
    """The median time of each command."""
    with sample_file(SMALL, "csv") as file, tempfile.TemporaryDirectory() as out:
        audit = ["run", str(file), "--as-of", "2026-01-01", "--fail-on", "never", "--quiet"]
        commands = {
            "help": ["--help"],
            "rules": ["rules"],
            "small_file": [*audit, "--out", out],
        }
        return [
            {
                "command": name,
                "runs": RUNS,
                "seconds": round(statistics.median(_seconds(words) for _ in range(RUNS)), 3),
            }
            for name, words in commands.items()
        ]


def _seconds(words: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "claim_audit", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began

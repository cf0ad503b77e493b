"""Whole processes by the clock, from start to exit, imports and all."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import users
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
        _seconds(["rules"])
        return [
            {
                "command": name,
                "runs": RUNS,
                "seconds": round(statistics.median(_seconds(words) for _ in range(RUNS)), 3),
            }
            for name, words in commands.items()
        ]


def _seconds(words: Sequence[str]) -> float:
    interpreter = users.python()
    began = time.perf_counter()
    subprocess.run(
        [interpreter, "-m", "claim_audit", *words],
        cwd=Path(interpreter).parent,
        env=users.ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began

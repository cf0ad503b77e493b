"""CPU seconds of an audit on Spark beside the local engine: `python -m benchmarks.spark_cost`.

Both run as the program does, with all tables written. Each run is a session of processes of its
own; what they used is read from `/proc` ten times a second and added up by role: the driver, the
JVM, the Python workers. The tables of the two runs must have the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from claim_audit import sample

TICKS = os.sysconf("SC_CLK_TCK")
TABLES = ("exceptions", "rule_outcomes", "rejects", "benchmarks")


def processes(session: int) -> dict[int, tuple[str, float]]:
    """Role and CPU seconds of every process of a session."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue
        if int(stat[3]) == session and command:  # one that has ended has no command any more
            role = (
                "JVM"
                if "org.apache.spark" in command
                else "workers"
                if "pyspark.daemon" in command
                else "driver"
            )
            found[int(folder.name)] = (role, (int(stat[11]) + int(stat[12])) / TICKS)
    return found


def measured(command: list[str]) -> tuple[float, Counter[str]]:
    """Seconds by the clock, and CPU seconds by role."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    seen: dict[int, tuple[str, float]] = {}
    while process.poll() is None:
        seen |= processes(process.pid)
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(process.stderr.read().decode() if process.stderr else "failed")
    used: Counter[str] = Counter()
    for role, seconds in seen.values():
        used[role] += seconds
    return time.perf_counter() - began, used


def main() -> None:
    """Make a file, audit it by both engines, print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000, 300_000])
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet")
    given = parser.parse_args()
    print(f"| lines ({given.format}) | engine | clock, s | CPU, s | driver | JVM | workers |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    for lines in given.lines:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            sample.write(folder / "claims", lines=lines, seed=1, format=given.format)
            command = [sys.executable, "-m", "claim_audit", "run", str(folder / "claims")]
            command += ["--as-of", "2026-01-01", "--fail-on", "never", "--quiet"]
            command += ["--out", str(folder / "out")]
            spark = ["--engine", "spark", "--master", given.master]
            for engine, options in (("local", []), ("spark", spark)):
                clock, used = measured([*command, "--run-id", engine, *options])
                cells = [f"{used[role]:.1f}" for role in ("driver", "JVM", "workers")]
                total = sum(used.values())
                print(f"| {lines:,} | {engine} | {clock:.1f} | {total:.1f} | {' | '.join(cells)} |")
                manifest = json.loads((folder / "out" / engine / "manifest.json").read_text())
                steps = {s["stage"]: s["seconds"] for s in manifest["cost"]["stages"]}
                print(f"steps, s: {steps}", file=sys.stderr)
            for name in TABLES:
                here, there = (folder / "out" / e / f"{name}.parquet" for e in ("local", "spark"))
                if here.read_bytes() != there.read_bytes():
                    raise SystemExit(f"{name} differs")


if __name__ == "__main__":
    main()

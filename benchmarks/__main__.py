"""`make bench`: measure audits beside the floor and beside rivals.

Writes `results.json` and `README.md`. What is compared is measured in turn, each time in a process
of its own; the median of the ratios is what to quote, since machines are noisy.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from claim_audit import sample

HERE = Path(__file__).parent
FORMATS = ("parquet", "csv")

RIVALS = {
    "duckdb_sql": "DuckDB, the shared rules in SQL",
    "pandas_frames": "pandas, the shared rules vectorised",
    "pandera_chunks": "pandera, lazy validation of chunks of 50,000 rows, line rules alone",
    "pointblank_checks": "pointblank, the line rules it can express",
    "dataframely_checks": "dataframely, the line rules it can express",
}


def once(what: str, file: Path) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", what, str(file)],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def pairs(one: str, other: str, file: Path, runs: int) -> dict[str, Any]:
    """Two things measured in turn: medians of seconds and ratios, and the highest peaks."""
    found = [(once(one, file), once(other, file)) for _ in range(runs)]
    ones, others = zip(*found, strict=True)
    return {
        "seconds": [_median(ones), _median(others)],
        "ratio": round(statistics.median(b["seconds"] / a["seconds"] for a, b in found), 1),
        "peak_mib": [round(max(m["peak_bytes"] for m in side) / 2**20) for side in (ones, others)],
    }


def _median(measured: tuple[dict[str, float], ...]) -> float:
    return round(statistics.median(m["seconds"] for m in measured), 3)


def beside_floor(lines: int, form: str, runs: int, folder: Path) -> dict[str, Any]:
    """Floor and audit of a sample of `lines` lines."""
    made = sample.write(folder / f"{lines}-{form}", lines=lines, seed=1, format=form)
    found = pairs("floor", "audit", made.claims, runs)
    return {
        "lines": lines,
        "format": form,
        "file_bytes": made.claims.stat().st_size,
        "floor_seconds": found["seconds"][0],
        "audit_seconds": found["seconds"][1],
        "ratio": found["ratio"],
        "lines_per_second": round(lines / found["seconds"][1]),
        "peak_mib": found["peak_mib"][1],
    }


def beside_rival(rival: str, lines: int, form: str, runs: int, folder: Path) -> dict[str, Any]:
    """An audit by the shared rules, and a rival's on the same file."""
    made = sample.write(folder / f"{lines}-{form}", lines=lines, seed=1, format=form)
    found = pairs("shared", rival, made.claims, runs)
    return {
        "rival": rival,
        "lines": lines,
        "format": form,
        "shared_seconds": found["seconds"][0],
        "rival_seconds": found["seconds"][1],
        "ratio": found["ratio"],
    }


PAGE = """# What an audit costs

Measured by `make bench` on {machine}, {threads} threads, Python {python}, Polars {polars}, on files
from `claim-audit sample` with 3 % planted errors. Each figure is the median of {runs} runs, a ratio
the median of the ratios pair by pair.

## Beside reading

All rules, all tables written. The floor is decoding every column of the same file with Polars and
nothing more (Parquet: null counts of all columns; CSV: all columns as text).

| lines | format | file, MB | floor, s | audit, s | ratio | lines a second | peak memory, MiB |
|--:|---|--:|--:|--:|--:|--:|--:|
{audits}

The aims are 8 times the floor for Parquet and 3 times for CSV; neither is met. Where the time goes
stands in [`docs/inside.md`](../docs/inside.md).

## Beside other programs

The rules that all have (`benchmarks/rivals/shared.py`), on the same file; a test holds that each
finds the same lines. The ratio is the other program's time to that of `claim-audit`, which also
accounts for every record, hashes the file, judges again what it found and writes all its tables.

| program | lines | format | claim-audit, s | program, s | ratio |
|---|--:|---|--:|--:|--:|
{rivals}
"""


def page(results: dict[str, Any]) -> str:
    """The results as a page."""
    audits = "\n".join(
        "| {lines:,} | {format} | {mb:.0f} | {floor_seconds} | {audit_seconds} | {ratio} |"
        " {lines_per_second:,} | {peak_mib:,} |".format(**row, mb=row["file_bytes"] / 1e6)
        for row in results["audits"]
    )
    rivals = "\n".join(
        "| {name} | {lines:,} | {format} | {shared_seconds} | {rival_seconds} | {ratio} |".format(
            **row, name=RIVALS[row["rival"]]
        )
        for row in results["rivals"]
    )
    return PAGE.format(audits=audits, rivals=rivals, **results["machine"], runs=results["runs"])


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000, 5_000_000])
    parser.add_argument("--rival-lines", type=int, default=500_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = {
            "runs": given.runs,
            "machine": {
                "machine": platform.machine(),
                "threads": pl.thread_pool_size(),
                "python": platform.python_version(),
                "polars": pl.__version__,
            },
            "audits": [
                beside_floor(lines, form, given.runs, folder)
                for lines in given.lines
                for form in FORMATS
            ],
            "rivals": [
                beside_rival(rival, given.rival_lines, form, given.runs, folder)
                for rival in RIVALS
                for form in FORMATS
            ],
        }
    (HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    (HERE / "README.md").write_text(page(results))
    print(page(results))


if __name__ == "__main__":
    main()

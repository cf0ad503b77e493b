"""`make bench`: measure audits beside the floor and write `results.json` and `README.md`.

Every size and format is measured several times, floor and audit in turn, each in a process of
its own; the median of the ratios is what to quote, since machines are noisy.
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


def compare(lines: int, form: str, runs: int, folder: Path) -> dict[str, Any]:
    """Floor and audit of a sample of `lines` lines, in turn, `runs` times."""
    made = sample.write(folder / f"{lines}-{form}", lines=lines, seed=1, format=form)
    pairs = [(once("floor", made.claims), once("audit", made.claims)) for _ in range(runs)]
    floors, audits = zip(*pairs, strict=True)
    seconds = statistics.median(a["seconds"] for a in audits)
    return {
        "lines": lines,
        "format": form,
        "file_bytes": made.claims.stat().st_size,
        "floor_seconds": round(statistics.median(f["seconds"] for f in floors), 3),
        "audit_seconds": round(seconds, 3),
        "ratio": round(statistics.median(a["seconds"] / f["seconds"] for f, a in pairs), 1),
        "lines_per_second": round(lines / seconds),
        "peak_mib": round(max(a["peak_bytes"] for a in audits) / 2**20),
    }


PAGE = """# What an audit costs

All rules, all tables written, on files from `claim-audit sample` with 3 % planted errors. The
floor is decoding every column of the same file with Polars and nothing more (Parquet: null counts
of all columns; CSV: all columns as text). Each figure is the median of {runs} runs; the ratio is
the median of the ratios pair by pair. Measured by `make bench` on {machine}, {threads} threads,
Python {python}, Polars {polars}.

| lines | format | file, MB | floor, s | audit, s | ratio | lines a second | peak memory, MiB |
|--:|---|--:|--:|--:|--:|--:|--:|
{rows}
"""


def page(results: dict[str, Any]) -> str:
    """The results as a page."""
    rows = "\n".join(
        "| {lines:,} | {format} | {mb:.0f} | {floor_seconds} | {audit_seconds} | {ratio} |"
        " {lines_per_second:,} | {peak_mib:,} |".format(**row, mb=row["file_bytes"] / 1e6)
        for row in results["audits"]
    )
    return PAGE.format(rows=rows, **results["machine"], runs=results["runs"])


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=[1_000_000, 5_000_000])
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        audits = [
            compare(lines, form, given.runs, Path(folder))
            for lines in given.lines
            for form in ("parquet", "csv")
        ]
    results = {
        "runs": given.runs,
        "machine": {
            "machine": platform.machine(),
            "threads": pl.thread_pool_size(),
            "python": platform.python_version(),
            "polars": pl.__version__,
        },
        "audits": audits,
    }
    (HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    (HERE / "README.md").write_text(page(results))
    print(page(results))


if __name__ == "__main__":
    main()

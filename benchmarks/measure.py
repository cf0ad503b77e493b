"""One measurement in a process of its own: `python -m benchmarks.measure WHAT FILE`.

Prints a JSON object with `seconds` (wall, imports left out) and `peak_bytes` of the process.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path


def floor(file: str) -> Callable[[], object]:
    """Decode every column with Polars and nothing more."""
    import polars as pl

    scan = (
        pl.scan_parquet(file)
        if file.endswith(".parquet")
        else pl.scan_csv(file, infer_schema=False)
    )
    return lambda: scan.select(pl.all().null_count()).collect(engine="streaming")


def audit(file: str) -> Callable[[], object]:
    """All rules, all tables written; page and summary too."""
    from claim_audit.config import AuditConfig
    from claim_audit.pipeline import audit as run
    from claim_audit.report import run_folder

    def whole() -> object:
        with tempfile.TemporaryDirectory() as out:
            result = run(file, config=AuditConfig(as_of=date(2026, 1, 1)))
            return run_folder.write(result, Path(out), "run", ("parquet", "csv"))

    return whole


def main() -> None:
    """Run one measurement."""
    work = {"floor": floor, "audit": audit}[sys.argv[1]](sys.argv[2])
    began = time.perf_counter()
    work()
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )


if __name__ == "__main__":
    main()

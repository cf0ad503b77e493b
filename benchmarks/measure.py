"""One measurement in a process of its own: `python -m benchmarks.measure WHAT FILE`.

`WHAT` is `floor`, `audit`, `shared` (the rules that rivals have too) or the name of a module of
`benchmarks.rivals`. Prints a JSON object with `seconds` (wall, imports left out) and `peak_bytes`
of the process.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

Work = Callable[[Path], object]


def floor(file: Path) -> Work:
    """Decode every column with Polars and nothing more."""
    import polars as pl

    scan = (
        pl.scan_parquet(file)
        if file.suffix == ".parquet"
        else pl.scan_csv(file, infer_schema=False)
    )
    return lambda _: scan.select(pl.all().null_count()).collect(engine="streaming")


def audit(file: Path) -> Work:
    """All rules, all tables written; page and summary too."""
    return _audit(file, as_of=date(2026, 1, 1))


def shared(file: Path) -> Work:
    """The rules that rivals have too, all tables written."""
    from benchmarks.rivals.shared import AS_OF, SHARED

    return _audit(file, as_of=AS_OF, select=SHARED)


def _audit(file: Path, **settings: Any) -> Work:
    from claim_audit.config import AuditConfig
    from claim_audit.pipeline import audit as run
    from claim_audit.report import run_folder

    def whole(out: Path) -> object:
        result = run(file, config=AuditConfig(**settings))
        return run_folder.write(result, out, "run", ("parquet", "csv"))

    return whole


def rival(name: str, file: Path) -> Work:
    """What a rival finds, written as Parquet."""
    run = import_module(f"benchmarks.rivals.{name}").run
    return lambda out: run(file, out)


OWN = {"floor": floor, "audit": audit, "shared": shared}


def main() -> None:
    """Run one measurement."""
    what, file = sys.argv[1], Path(sys.argv[2])
    work = OWN[what](file) if what in OWN else rival(what, file)
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        work(Path(out))
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds, "peak_bytes": _peak_bytes(Path(out))}))


def _peak_bytes(out: Path) -> int:
    """The most memory this process had; `getrusage` begins with what its parent had.

    The system's own peak begins anew with each stage of an audit, whose manifest has that of all.
    """
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    manifests = (json.loads(file.read_text()) for file in out.glob("*/manifest.json"))
    return max(peak, *(manifest["cost"]["peak_memory_bytes"] for manifest in manifests), 0)


if __name__ == "__main__":
    main()

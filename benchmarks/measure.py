"""One measurement in a process of its own: `python -m benchmarks.measure WHAT FILE`.

`WHAT` is `floor`, `reading`, `audit`, `shared` (the rules that rivals have too) or the name of a
module of `benchmarks.rivals`. Prints a JSON object with `seconds` (wall, imports left out) and
`peak_bytes` of the process; of an audit also what its run folder says: `stages`, the number of
`exceptions`, and `outcomes`, how many rules had each.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

Work = Callable[[Path], object]
RUN = "run"


def floor(file: Path) -> Work:
    """Decode every column with Polars and nothing more."""
    import polars as pl

    scan = (
        pl.scan_parquet(file)
        if file.suffix == ".parquet"
        else pl.scan_csv(file, infer_schema=False)
    )
    return lambda _: scan.select(pl.all().null_count()).collect(engine="streaming")


def reading(file: Path) -> Work:
    """Read the file into memory with Polars, all columns of it."""
    import polars as pl

    if file.suffix == ".parquet":
        return lambda _: pl.read_parquet(file)
    return lambda _: pl.read_csv(file, infer_schema=False)


def audit(file: Path) -> Work:
    """All rules, all tables written; page and summary too."""
    return _audit(file, as_of=date(2026, 1, 1))


def shared(file: Path) -> Work:
    """The rules that rivals have too, all tables written."""
    from benchmarks.rivals.shared import AS_OF, SHARED

    return _audit(file, as_of=AS_OF, select=SHARED)


def _audit(file: Path, **settings: Any) -> Work:
    import polars as pl

    from claim_audit.cli import COLLECT_AFTER
    from claim_audit.config import AuditConfig
    from claim_audit.contract import judge
    from claim_audit.contract.claim_line import FIELDS
    from claim_audit.pipeline import audit as run
    from claim_audit.report import run_folder
    from claim_audit.rules.registry import all_rules

    gc.set_threshold(COLLECT_AFTER)
    all_rules()
    judge.gate(pl.LazyFrame(schema={name: field.dtype for name, field in FIELDS.items()}))

    def whole(out: Path) -> object:
        result = run(file, config=AuditConfig(**settings))
        return run_folder.write(result, out, RUN, ("parquet", "csv"))

    return whole


def rival(name: str, file: Path) -> Work:
    """What a rival finds, written as Parquet."""
    run = import_module(f"benchmarks.rivals.{name}").run
    return lambda out: run(file, out)


OWN = {"floor": floor, "reading": reading, "audit": audit, "shared": shared}


def main() -> None:
    """Run one measurement."""
    what, file = sys.argv[1], Path(sys.argv[2])
    work = OWN[what](file) if what in OWN else rival(what, file)
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        work(Path(out))
        seconds = time.perf_counter() - began
        found = {"seconds": seconds, "peak_bytes": _peak_bytes()}
        folder = Path(out) / RUN
        if folder.exists():
            found |= told(folder)
    print(json.dumps(found))


def told(folder: Path) -> dict[str, Any]:
    """What a run folder says of the run."""
    import polars as pl

    manifest = json.loads((folder / "manifest.json").read_text())
    rows = {file["file"]: file["rows"] for file in manifest["files"]}
    return {
        "stages": manifest["cost"]["stages"],
        "exceptions": rows["exceptions.parquet"],
        "outcomes": Counter(pl.read_parquet(folder / "rule_outcomes.parquet")["outcome"]),
    }


def _peak_bytes() -> int:
    """The most memory this process had; `getrusage` begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()

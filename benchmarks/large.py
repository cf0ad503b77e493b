"""`make bench-large`: one audit of a large file, beside one of a smaller file.

The files are made by `claim-audit sample`; TMPDIR says where they lie. Writes `large.json`, and the
page anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from benchmarks import machine, published
from benchmarks.rounds import once
from benchmarks.samples import FORMATS, Format, sample_file


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="benchmarks.large", description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000_000)
    parser.add_argument("--beside", type=int, default=5_000_000, help="lines of the smaller file")
    parser.add_argument("--format", choices=FORMATS, default="parquet")
    given = parser.parse_args()
    audits = [audited(lines, given.format) for lines in (given.beside, given.lines)]
    published.keep(published.LARGE, {"machine": machine.described(), "audits": audits})
    published.publish()


def audited(lines: int, form: Format) -> dict[str, Any]:
    """One audit of a file of so many lines."""
    with sample_file(lines, form) as file:
        found = once("audit", file)
        row = {
            "lines": lines,
            "format": form,
            "file_bytes": file.stat().st_size,
            "audit_seconds": round(found["seconds"], 3),
            "lines_per_second": round(lines / found["seconds"]),
            "peak_mib": round(found["peak_bytes"] / 2**20),
            "exceptions": found["exceptions"],
            "outcomes": found["outcomes"],
            "stages": found["stages"],
        }
    print(json.dumps(row), file=sys.stderr)
    return row


if __name__ == "__main__":
    main()

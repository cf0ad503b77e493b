"""What is compared on one file: an audit with reading, and with other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import rounds

Row = dict[str, Any]

READ_INTO_MEMORY = 1_000_000
"""Lines of the largest file of which all columns are read into memory too."""


def beside_floor(file: Path, lines: int) -> list[Row]:
    """Floor, reading and audit, one row."""
    held = lines <= READ_INTO_MEMORY
    whats = ("floor", *(["reading"] if held else []), "audit")
    found = rounds.in_turn(whats, file, rounds.fitting(lines))
    audit_seconds = rounds.seconds(found, "audit")
    return [
        {
            "lines": lines,
            "format": file.suffix[1:],
            "rounds": len(found),
            "file_bytes": file.stat().st_size,
            "floor_seconds": rounds.seconds(found, "floor"),
            "audit_seconds": audit_seconds,
            "ratio": rounds.ratio(found, "audit", "floor"),
            "reading_ratio": rounds.ratio(found, "audit", "reading") if held else None,
            "process_ratio": rounds.ratio(found, "audit", "floor", of="process_seconds"),
            "lines_per_second": round(lines / audit_seconds),
            "peak_mib": rounds.peak_mib(found, "audit"),
            "stages": rounds.middle(found, "audit")["stages"],
        }
    ]


def beside_rivals(file: Path, lines: int, rivals: Sequence[str]) -> list[Row]:
    """An audit by the shared rules, then each rival, in rounds."""
    found = rounds.in_turn(("shared", *rivals), file, rounds.fitting(lines))
    return [
        {
            "rival": rival,
            "lines": lines,
            "format": file.suffix[1:],
            "rounds": len(found),
            "shared_seconds": rounds.seconds(found, "shared"),
            "rival_seconds": rounds.seconds(found, rival),
            "ratio": rounds.ratio(found, rival, "shared"),
        }
        for rival in rivals
    ]

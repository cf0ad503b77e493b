"""Runs of the samples, and the hashes of their tables."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from claim_audit.config import AuditConfig
from claim_audit.engine.spark import audit as spark
from claim_audit.pipeline import AuditResult
from claim_audit.report.tables import WRITERS

SAMPLES = Path(__file__).parents[2] / "sample_claims"
AS_OF = date(2026, 1, 1)
TABLES = ("exceptions", "rule_outcomes", "rejects", "benchmarks")
SMALL = spark.Sizes(
    piece_bytes=20_000, stretch_records=150, bucket_lines=100, range_rows=60, mark_rows=7
)


def settings(**given: Any) -> AuditConfig:
    return AuditConfig(as_of=AS_OF, **given)


def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "SIZES", SMALL)


def hashes(result: AuditResult) -> dict[str, str]:
    """SHA-256 of every table as it would be written."""
    found = {}
    for name, table in result.tables.items():
        for ending, write in WRITERS.items():
            file = io.BytesIO()
            write(table, name, file)
            found[f"{name}.{ending}"] = hashlib.sha256(file.getvalue()).hexdigest()
    return found


def written(folder: Path) -> dict[str, str]:
    """SHA-256 of every table of a run folder."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for table in TABLES
        for name in (f"{table}.parquet", f"{table}.csv")
    }


def program(
    out: Path, *options: str, inputs: str | Path = SAMPLES, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program with the Spark engine; the run is called `run`."""
    command = [sys.executable, "-m", "claim_audit", "run", str(inputs), "--as-of", str(AS_OF)]
    command += ["--out", str(out), "--run-id", "run", "--fail-on", "never", "--quiet"]
    return subprocess.run(
        [*command, "--engine", "spark", *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

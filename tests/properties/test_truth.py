"""The rules find exactly what was planted, on seeds that the test draws."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claim_audit
from claim_audit import sample

SHAPES: dict[str, dict[str, Any]] = {
    "csv": {"format": "csv"},
    "parquet": {"format": "parquet"},
    "rif": {"format": "csv", "layout": "ccw-rif-dme"},
    "dirty": {"format": "csv", "dirty": True},
}
KEYS = ["source_row", "rule_id", "severity"]
GRAVE = pl.col("severity").is_in(["error", "warning"])

each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
seeds = st.integers(0, 2**63 - 1)
few = settings(max_examples=6, deadline=None)


def audited(**options: Any) -> tuple[pl.DataFrame, claim_audit.AuditResult]:
    """The truth of a sample, and what is found in it."""
    with tempfile.TemporaryDirectory() as folder:
        written = sample.write(Path(folder), **options)
        return pl.read_parquet(written.truth), claim_audit.audit(written.claims)


def grave(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.filter(GRAVE).select(KEYS).sort(KEYS, nulls_last=True).rows()


@each_shape
@few
@given(seed=seeds, lines=st.integers(2500, 3500))
def test_a_clean_sample_raises_nothing(shape: dict[str, Any], seed: int, lines: int) -> None:
    _, result = audited(lines=lines, seed=seed, error_rate=0.0, **shape)

    assert grave(result.exceptions) == []


@each_shape
@few
@given(seed=seeds, lines=st.integers(2500, 3500))
def test_a_planted_sample_raises_exactly_its_truth(
    shape: dict[str, Any], seed: int, lines: int
) -> None:
    truth, result = audited(lines=lines, seed=seed, error_rate=0.08, **shape)

    assert grave(result.exceptions) == grave(truth)
    of_batch = pl.col("source_row").is_null() & pl.col("line_number").is_null()
    assert set(truth.filter(of_batch)["rule_id"]) <= set(result.exceptions["rule_id"])


@few
@given(seed=seeds, lines=st.integers(20, 3500))
def test_every_record_of_a_damaged_file_is_accounted_for(seed: int, lines: int) -> None:
    truth, result = audited(lines=lines, seed=seed, error_rate=0.08, format="csv", dirty=True)

    rejects = truth.filter(rule_id="reject")["line_number"].sort().to_list()
    assert result.rejects["line_number"].to_list() == rejects
    (file,) = result.manifest["inputs"]
    counts = file["accounting"]
    assert counts["claim_records"] == result.summary["claim_lines"] == lines
    assert counts["records"] == lines + len(rejects)
    assert counts["physical_lines"] == counts["records"] + sum(
        counts[name] for name in ("header_lines", "blank_lines", "embedded_newlines")
    )

"""The rules find exactly what was planted, on seeds that the test draws."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import claim_audit
from claim_audit import sample

KEYS = ["source_row", "rule_id", "severity"]
SHAPES: list[dict[str, Any]] = [
    {"format": "csv"},
    {"format": "parquet"},
    {"format": "csv", "layout": "ccw-rif-dme"},
    {"format": "csv", "dirty": True},
]
seeds = st.integers(0, 2**63 - 1)
few = settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def raised(result: claim_audit.AuditResult) -> pl.DataFrame:
    grave = pl.col("severity").is_in(["error", "warning"])
    return result.exceptions.filter(grave).select(KEYS).sort(KEYS)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@few
@given(seed=seeds)
def test_a_planted_sample_raises_its_truth(
    tmp_path_factory: pytest.TempPathFactory, shape: dict[str, Any], seed: int
) -> None:
    out = tmp_path_factory.mktemp("planted")
    written = sample.write(out, lines=8000, seed=seed, error_rate=0.05, **shape)
    truth = pl.read_parquet(written.truth)
    result = claim_audit.audit(written.claims)
    expected = truth.drop_nulls("source_row").select(KEYS).sort(KEYS)
    assert raised(result).rows() == expected.rows()
    batch = truth.filter(pl.col("severity") == "info")["rule_id"]
    assert set(batch) <= set(result.exceptions["rule_id"])
    rejects = truth.filter(pl.col("rule_id") == "reject")["line_number"].sort()
    assert result.rejects["line_number"].sort().to_list() == rejects.to_list()


@few
@given(seed=seeds, lines=st.integers(1, 6000))
def test_a_clean_sample_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, lines: int
) -> None:
    out = tmp_path_factory.mktemp("clean")
    written = sample.write(out, lines=lines, seed=seed, format="parquet", error_rate=0.0)
    assert raised(claim_audit.audit(written.claims)).rows() == []

"""The judge of a run: a fact that is wrong about a cell's shape stops it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from claim_audit import audit, errors
from claim_audit.engine import facts

HEADER = "claim_id,claim_line_number,hcpcs_code,service_from_date,units,billing_npi"


def test_masks_that_call_a_good_npi_bad_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"{HEADER}\nC1,1,A4231,2024-01-02,10,1234567893\n")
    true_fact = facts._npi

    def wrong(lines: pl.LazyFrame, npi: str, profile: object) -> pl.LazyFrame:
        known = true_fact(lines, npi, profile)  # type: ignore[arg-type]
        return known.with_columns(pl.lit(False).alias(f"{npi}_valid"))

    monkeypatch.setattr(facts, "_npi", wrong)
    with pytest.raises(errors.InternalError, match="billing_npi: 1 against 0"):
        audit(path, layout="canonical")

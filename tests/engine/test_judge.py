"""The judge of a run: a fact that is wrong about a cell's shape stops it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from claim_audit import audit, errors
from claim_audit.engine.facts import Facts

HEADER = "claim_id,claim_line_number,hcpcs_code,service_from_date,units,billing_npi"


def test_masks_that_call_a_good_npi_bad_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "claims.csv"
    path.write_text(f"{HEADER}\nC1,1,A4231,2024-01-02,10,1234567893\n")
    true_facts = Facts.of_lines

    def wrong(self: Facts, lines: pl.LazyFrame, wanted: Iterable[str]) -> pl.LazyFrame:
        known = true_facts(self, lines, wanted)
        return known.with_columns(pl.lit(False).alias("billing_npi_valid"))

    monkeypatch.setattr(Facts, "of_lines", wrong)
    with pytest.raises(errors.InternalError, match="billing_npi: 1 against 0"):
        audit(path, layout="canonical")

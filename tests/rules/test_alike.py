"""Fingerprints, and rules over a member number that stands for very many lines."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from claim_audit.config import AuditConfig
from claim_audit.pipeline import audit
from claim_audit.rules.alike import fingerprint, suspects


def test_fingerprints_tell_columns_nulls_and_values_apart() -> None:
    cells = [None, "KX", "NU"]
    rows = pl.DataFrame(
        [(a, b, c) for a in cells for b in cells for c in cells],
        schema={"a": pl.String, "b": pl.String, "c": pl.String},
        orient="row",
    )
    assert rows.select(fingerprint(["a", "b", "c"]).n_unique()).item() == rows.height


def test_suspects_are_the_lines_of_groups_that_fit() -> None:
    lines = pl.LazyFrame({"line_id": [1, 2, 3, 4], "a": ["x", None, "x", None], "b": [1, 1, 2, 1]})
    assert sorted(suspects(lines, ["a", "b"], pl.len() > 1).collect()["line_id"]) == [2, 4]


def test_a_member_with_over_a_hundred_fills_in_a_row_is_not_judged(tmp_path: Path) -> None:
    def outcome(fills: int) -> dict[str, object]:
        pl.DataFrame(
            {
                "claim_id": [f"C{n}" for n in range(fills)],
                "member_id": "UNKNOWN",
                "billing_npi": ["1234567893", "1245319599"] * (fills // 2),
                "service_from_date": [date(2024, 1, 1) + timedelta(n) for n in range(fills)],
                "hcpcs_code": "A4231",
                "days_supply": 90,
            }
        ).write_csv(tmp_path / "claims.csv")
        config = AuditConfig(layout="canonical", select=("DU-05",), as_of=date(2026, 1, 1))
        return audit(tmp_path / "claims.csv", config=config).rule_outcomes.row(0, named=True)

    assert outcome(100)["failed"] == 100
    assert outcome(102)["not_evaluated"] == 102

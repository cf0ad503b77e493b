"""The ids of exceptions: the same in a part as in the whole, whatever stands in the keys."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from claim_audit.config import AuditConfig
from claim_audit.pipeline import audit

CONFIG = AuditConfig(layout="canonical", select=("UN-01",), as_of=date(2026, 1, 1))
KEYS = {
    "a member with a bar": ("C", 1, "2|X"),
    "a claim with a bar": ("C|1", 2, "X"),
    "a backslash in front": ("C\\|1", 2, "X"),
}


def ids(path: Path, *rows: tuple[str, int, str]) -> list[str]:
    columns = ["claim_id", "claim_line_number", "member_id"]
    pl.DataFrame(rows, columns, orient="row").with_columns(
        hcpcs_code=pl.lit("A4231"), service_from_date=pl.lit("2024-03-01"), units=pl.lit("0")
    ).write_csv(path)
    return audit(path, config=CONFIG).exceptions["exception_id"].to_list()


def test_keys_that_hold_a_bar_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    alone = [found for keys in KEYS.values() for found in ids(path, keys)]
    assert len(set(alone)) == len(KEYS)
    assert ids(path, *KEYS.values()) == alone

"""The member pass does not look at how the lines lie in memory."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from claim_audit import sample
from claim_audit.config import AuditConfig
from claim_audit.engine import members
from claim_audit.engine.members import MemberPass
from claim_audit.pipeline import audit

COPIES = 100
"""So many that Polars keeps lines in pieces, some of which have no line of a rare error."""

CONFIG = AuditConfig(as_of=date(2026, 1, 1), layout="canonical")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """The lines of many members, among them every planted error, and what judges them."""
    folder = tmp_path_factory.mktemp("sample")
    claims = sample.write(folder, lines=3000, seed=5, format="parquet", error_rate=0.2).claims
    with patch.object(members, "judge", wraps=members.judge) as judge:
        audit(claims, config=CONFIG)
    lines, line, compiled = judge.call_args.args
    copies = (
        lines.with_columns(pl.col("member_key") + n, pl.col("line_id") + (n << 20))
        for n in range(COPIES)
    )
    return pl.concat(copies, rechunk=True), line, compiled


@pytest.mark.parametrize("size", [100, 1_500, 20_000])
def test_lines_in_pieces_are_judged_as_lines_in_one(given: tuple[Any, ...], size: int) -> None:
    lines, line, compiled = given
    pieces = pl.concat([piece.clone() for piece in lines.iter_slices(size)], rechunk=False)
    assert pieces.n_chunks() > 1
    whole, apart = (members.judge(some, line, compiled) for some in (lines, pieces))
    assert whole.tallies == apart.tallies
    assert_frame_equal(told(whole), told(apart))
    assert_frame_equal(whole.failing.sort("line_id"), apart.failing.sort("line_id"))


def told(judged: MemberPass) -> pl.DataFrame:
    return judged.found.with_columns(pl.col("related").list.sort()).sort("rule_id", "line_id")

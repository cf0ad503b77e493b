"""The rivals of the benchmarks do the same work: they find what claim-audit finds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import polars as pl
import pytest

import claim_audit
from benchmarks.rivals import (
    dataframely_checks,
    duckdb_sql,
    pandas_frames,
    pandera_chunks,
    pointblank_checks,
)
from benchmarks.rivals.shared import AS_OF, LINE_SHARED, SHARED
from claim_audit import sample

LINES = 6000
RIVALS: list[tuple[Callable[[Path, Path], None], Collection[str]]] = [
    (duckdb_sql.run, SHARED),
    (pandas_frames.run, SHARED),
    (pandera_chunks.run, pandera_chunks.COVERED),
    (pointblank_checks.run, pointblank_checks.COVERED),
    (dataframely_checks.run, dataframely_checks.COVERED),
]

each_rival = pytest.mark.parametrize(
    ("run", "ids"), RIVALS, ids=[run.__module__.split(".")[-1] for run, _ in RIVALS]
)
Found = set[tuple[str, int]]


def pairs(table: pl.DataFrame, ids: Collection[str]) -> Found:
    of_lines = table.filter(pl.col("source_row").is_not_null(), pl.col("rule_id").is_in(ids))
    return set(of_lines.select("rule_id", "source_row").rows())


@pytest.fixture(scope="module", params=["parquet", "csv"])
def audited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pl.DataFrame]:
    """A planted sample, and the exceptions that claim-audit finds in it."""
    out = tmp_path_factory.mktemp("sample")
    made = sample.write(out, lines=LINES, seed=11, format=request.param, error_rate=0.3)
    result = claim_audit.audit(made.claims, select=SHARED, as_of=AS_OF, layout="canonical")
    return made.claims, result.exceptions


@each_rival
def test_a_rival_finds_what_claim_audit_finds(
    run: Callable[[Path, Path], None],
    ids: Collection[str],
    audited: tuple[Path, pl.DataFrame],
    tmp_path: Path,
) -> None:
    claims, exceptions = audited

    run(claims, tmp_path)

    rows = pl.read_parquet(tmp_path / "exceptions.parquet")
    assert pairs(rows, ids) == pairs(exceptions, ids)
    assert set(rows["rule_id"]) <= set(ids)
    assert rows.height == rows.unique(["rule_id", "source_row"]).height


def test_the_sample_breaks_every_shared_rule(audited: tuple[Path, pl.DataFrame]) -> None:
    claims, exceptions = audited
    only_in_text = {"DQ-06"} if claims.suffix == ".parquet" else set()

    assert {rule for rule, _ in pairs(exceptions, SHARED)} == set(SHARED) - only_in_text


def test_line_rules_are_shared_by_all() -> None:
    assert all(set(ids) <= set(SHARED) for _, ids in RIVALS)
    assert set(LINE_SHARED) < set(SHARED)

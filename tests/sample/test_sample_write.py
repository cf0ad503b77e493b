from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claim_audit import sample
from claim_audit.errors import ClaimAuditError
from claim_audit.sample import Written

Write = Callable[..., Written]

TRUTH_COLUMNS = {
    "source_row": pl.UInt32,
    "line_number": pl.Int64,
    "claim_id": pl.String,
    "claim_line_number": pl.Int32,
    "kind": pl.String,
    "rule_id": pl.String,
    "severity": pl.String,
}


@pytest.mark.parametrize("lines", [1, 2, 3, 7, 40, 999, 10_001])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_exactly_so_many_lines(write: Write, lines: int, form: str) -> None:
    written = write(lines=lines, format=form, error_rate=0.05)
    frame = (
        pl.read_parquet(written.claims)
        if form == "parquet"
        else pl.read_csv(written.claims, infer_schema=False)
    )
    assert frame.height == written.lines == lines


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), lines=st.integers(1, 3000))
def test_exactly_so_many_lines_on_any_seed(
    tmp_path_factory: pytest.TempPathFactory, seed: int, lines: int
) -> None:
    out = tmp_path_factory.mktemp("any")
    written = sample.write(out, lines=lines, seed=seed, format="parquet")
    assert pq.read_metadata(written.claims).num_rows == lines


@pytest.mark.parametrize(
    "options",
    [
        {"format": "csv"},
        {"format": "parquet"},
        {"format": "csv", "layout": "ccw-rif-dme"},
        {"format": "csv", "dirty": True},
    ],
    ids=str,
)
def test_same_options_same_bytes(write: Write, options: dict[str, str]) -> None:
    one, two = (write(name, error_rate=0.05, **options) for name in ("one", "two"))
    assert one.claims.read_bytes() == two.claims.read_bytes()
    assert one.truth.read_bytes() == two.truth.read_bytes()


def test_other_seed_other_lines(write: Write) -> None:
    one, two = (write(f"seed{seed}", seed=seed) for seed in (1, 2))
    assert one.claims.read_bytes() != two.claims.read_bytes()


@pytest.mark.parametrize("options", [{}, {"layout": "ccw-rif-dme"}, {"dirty": True}], ids=str)
def test_block_size_changes_nothing(write: Write, options: dict[str, str]) -> None:
    many, few = (
        write(f"block{block}", lines=30_000, format="csv", error_rate=0.05, block=block, **options)
        for block in (1000, 4000)
    )
    assert many.claims.read_bytes() == few.claims.read_bytes()
    assert pl.read_parquet(many.truth).equals(pl.read_parquet(few.truth))
    assert many.planted == few.planted


def test_a_short_sample_begins_like_a_long_one(write: Write) -> None:
    short, long = (
        pl.read_parquet(write(f"lines{lines}", lines=lines).claims) for lines in (15_000, 30_000)
    )
    first = short.head(8000)
    assert first.equals(long.head(8000))


def test_csv_and_parquet_hold_the_same(write: Write) -> None:
    kinds = sample.available("canonical", "parquet")
    csv, parquet = (
        write(form, format=form, error_rate=0.05, kinds=kinds) for form in ("csv", "parquet")
    )
    typed = pl.read_parquet(parquet.claims)
    text = pl.read_csv(csv.claims, infer_schema=False)
    dates = typed.select(pl.col(pl.Date)).columns
    text = text.with_columns(pl.col(dates).str.to_date())
    assert text.cast(dict(typed.schema)).equals(typed)
    assert pl.read_parquet(csv.truth).equals(pl.read_parquet(parquet.truth))


def test_truth_has_its_columns_and_its_mark(write: Write) -> None:
    written = write(error_rate=0.05)
    assert dict(pl.read_parquet_schema(written.truth)) == TRUTH_COLUMNS
    metadata = pq.read_metadata(written.truth).metadata
    assert metadata[b"claim_audit.table"] == b"truth"


def test_a_clean_sample_has_an_empty_truth(write: Write) -> None:
    written = write()
    assert pl.read_parquet(written.truth).is_empty()
    assert written.planted == {}


def test_errors_come_at_the_rate_asked_for(write: Write) -> None:
    written = write(lines=40_000, error_rate=0.03)
    assert sum(written.planted.values()) == pytest.approx(1200, rel=0.02)


def test_kinds_come_about_equally_often(write: Write) -> None:
    planted = write(lines=60_000, format="csv", error_rate=0.05).planted
    assert set(planted) == set(sample.KINDS)
    assert max(planted.values()) <= 3000 / len(sample.KINDS) * 1.5


def test_only_the_kinds_asked_for(write: Write) -> None:
    written = write(error_rate=0.02, kinds=["unknown-modifier", "no-units"])
    assert set(written.planted) == {"unknown-modifier", "no-units"}
    assert sum(written.planted.values()) == pytest.approx(100, abs=2)


def test_progress_ends_at_the_last_line(write: Write) -> None:
    seen: list[int] = []
    write(lines=30_000, block=1000, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 30_000


@pytest.mark.parametrize(
    "options",
    [
        {"lines": 0},
        {"error_rate": 1.5},
        {"kinds": ["no-such-kind"]},
        {"kinds": ["units-in-words"]},
        {"format": "csv", "layout": "ccw-rif-dme", "kinds": ["paid-before-received"]},
        {"layout": "ccw-rif-dme"},
        {"dirty": True},
        {"format": "csv", "layout": "ccw-rif-dme", "dirty": True},
    ],
    ids=str,
)
def test_options_that_cannot_be(write: Write, tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(ClaimAuditError):
        write(**options)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_sample_leaves_the_old_one(write: Write) -> None:
    written = write()
    before = written.claims.read_bytes()

    def stop(lines: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(seed=2, on_progress=stop)
    assert written.claims.read_bytes() == before
    assert sorted(file.name for file in written.claims.parent.iterdir()) == [
        "claims.parquet",
        "truth.parquet",
    ]

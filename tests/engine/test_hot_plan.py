"""What an audit asks of Polars is what it asked the last time (see `benchmarks/hot_plan.py`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from benchmarks import hot_plan
from benchmarks.hot_plan import Query


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hot_plan.fixed_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def queries(claims: Path) -> list[Query]:
    return hot_plan.queries(claims)


def test_queries_are_those_of_the_golden_file(queries: list[Query], claims: Path) -> None:
    assert hot_plan.described(queries, claims) == hot_plan.GOLDEN.read_text(), (
        "What an audit asks of Polars has changed. Where that is meant: make hot-plan"
    )


def test_no_query_calls_python(queries: list[Query]) -> None:
    assert queries
    assert [query.asked_by for query in queries if query.calls_python] == []


@pytest.mark.parametrize(
    "query",
    [
        lambda frame: frame.select(pl.col("n").map_elements(abs, return_dtype=pl.Int64)),
        lambda frame: frame.select(pl.col("n").map_batches(pl.Series.abs)),
        lambda frame: frame.map_batches(lambda rows: rows),
    ],
    ids=["elements", "columns", "frames"],
)
def test_python_in_a_query_is_seen(
    query: Callable[[pl.LazyFrame], pl.LazyFrame], tmp_path: Path
) -> None:
    frame = query(pl.LazyFrame({"n": [1, -2]}))
    found: list[Query] = []

    with hot_plan.recording(found):
        frame.collect()
        pl.collect_all([frame, frame])
        frame.sink_parquet(tmp_path / "n.parquet")

    assert [seen.calls_python for seen in found] == [True] * 3


def test_a_file_scanned_by_two_queries_at_once_is_scanned_once(tmp_path: Path) -> None:
    file = tmp_path / "n.parquet"
    pl.DataFrame({"n": [1, 2], "m": [1, 2]}).write_parquet(file)
    doubled = pl.scan_parquet(file).with_columns(pl.col("n") * 2)
    found: list[Query] = []

    with hot_plan.recording(found):
        pl.collect_all([doubled.group_by("n").len(), doubled.select(pl.col("n").max())])

    (seen,) = found
    assert seen.scans() == [("Parquet", str(file), "1", "2")]

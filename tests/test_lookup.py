"""Look-ups by expression: the same row as a join would find, whatever the keys."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.lookup import gathered, row_of

WORDS = st.sampled_from(["a", "b", "c", "d", None])
ROWS = st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=12)
SCHEMA = {"x": pl.String, "y": pl.String, "z": pl.String}


@given(table=ROWS, lines=ROWS)
def test_it_finds_the_row_that_a_join_finds(
    table: list[tuple[str]], lines: list[tuple[str]]
) -> None:
    rows = (
        pl.DataFrame(table, SCHEMA, orient="row")
        .with_row_index("row")
        .unique(list(SCHEMA), keep="first")
    )
    frame = pl.DataFrame(lines, SCHEMA, orient="row")
    kept = rows.sort("row").drop("row").with_row_index("row")
    joined = frame.join(kept, on=list(SCHEMA), how="left", nulls_equal=True, maintain_order="left")
    found = frame.select(row_of(kept, {name: name for name in SCHEMA}).alias("row"))
    assert found["row"].to_list() == joined["row"].to_list()


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_it_is_the_same_in_either_engine(engine: str) -> None:
    table = pl.DataFrame({"k": ["x", "y", "z"], "v": [1, 2, None]})
    lines = pl.LazyFrame({"k": ["z", "q", None, "x"] * 100_000})
    row = row_of(table, {"k": "k"})
    found = lines.select(gathered(table["v"], row).alias("v")).collect(engine=engine)  # type: ignore[call-overload]
    assert found["v"].to_list() == [None, None, None, 1] * 100_000


def test_no_key_means_the_first_row_for_every_line() -> None:
    table = pl.DataFrame({"v": ["only"]})
    lines = pl.LazyFrame({"k": [1, 2, 3]})
    with_row = lines.with_columns(row_of(table, {}).alias("row"))
    assert (
        with_row.select(gathered(table["v"], pl.col("row"))).collect().to_series().to_list()
        == ["only"] * 3
    )


def test_an_empty_table_finds_nothing() -> None:
    table = pl.DataFrame(schema={"k": pl.String, "v": pl.String})
    lines = pl.LazyFrame({"k": ["x", None]})
    row = row_of(table, {"k": "k"})
    assert lines.select(gathered(table["v"], row)).collect().to_series().to_list() == [None, None]

"""Look-ups by expression: the same row as a join would find, whatever the keys."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.lookup import Numbered, gathered, number_of, row_of


def numbered(lines: pl.LazyFrame, *columns: str) -> tuple[pl.LazyFrame, dict[str, Numbered]]:
    """The lines with number columns, and where these are."""
    cells = lines.collect()
    keys = {c: Numbered(f"{c}__no", cells[c].drop_nulls().unique()) for c in columns}
    numbers = (number_of(pl.col(c), key.values).alias(key.column) for c, key in keys.items())
    return lines.with_columns(numbers), keys


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
    known, keys = numbered(frame.lazy(), *SCHEMA)
    found = known.select(row_of(kept, keys).alias("row")).collect()
    assert found["row"].to_list() == joined["row"].to_list()


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_it_is_the_same_in_either_engine(engine: str) -> None:
    table = pl.DataFrame({"k": ["x", "y", "z"], "v": [1, 2, None]})
    lines = pl.LazyFrame({"k": ["z", "q", None, "x"] * 100_000})
    lines, keys = numbered(lines, "k")
    row = row_of(table, keys)
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
    lines, keys = numbered(lines, "k")
    row = row_of(table, keys)
    assert lines.select(gathered(table["v"], row)).collect().to_series().to_list() == [None, None]


@given(values=st.lists(st.text(max_size=8), unique=True, max_size=60), data=st.data())
def test_a_cell_has_the_number_of_its_value(values: list[str], data: st.DataObject) -> None:
    cells = data.draw(st.lists(st.sampled_from([*values, None]), max_size=30))
    frame = pl.DataFrame({"cell": cells}, schema={"cell": pl.String})
    number = number_of(pl.col("cell"), pl.Series(values, dtype=pl.String))
    expected = [len(values) if cell is None else values.index(cell) for cell in cells]
    assert frame.select(number).to_series().to_list() == expected


@pytest.mark.parametrize("count", [1, 300, 3000, 20_000])
def test_many_values_have_numbers_too(count: int) -> None:
    values = pl.Series([f"value {n}" for n in range(count)])
    found = pl.select(number_of(pl.lit(values), values)).to_series()
    assert found.to_list() == list(range(count))


def test_a_fact_of_null_is_the_blank_one() -> None:
    values = pl.Series(["a", "b"])
    cells = Numbered("no", values)
    frame = pl.DataFrame({"no": [1, 2, 0]}, schema={"no": pl.UInt32})
    found = frame.select(cells.fact(pl.Series([10, 20]), blank=0)).to_series()
    assert found.to_list() == [20, 0, 10]

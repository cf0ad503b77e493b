"""Look-ups in small tables as expressions over lines.

A join writes every column of the lines anew; an expression adds one. So the values of a line's
key columns are turned into the number of a row of the table, and what stands there is gathered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

_CODE = pl.UInt32


def row_of(table: pl.DataFrame, on: Mapping[str, str]) -> pl.Expr:
    """The number (UInt32) of the first row of `table` that has the line's key values.

    Args:
        table: the small table.
        on: columns of the lines to key columns of the table.

    Returns:
        Null where no row fits; null equals null.
    """
    line_codes, own_codes, size = pl.lit(0, _CODE), pl.zeros(table.height, _CODE, eager=True), 1
    for line_column, key in on.items():
        known = table[key].unique(maintain_order=True).drop_nulls()
        width = len(known) + 1
        line_codes = line_codes * width + _coded(line_column, known)
        own_codes = table.select(pl.lit(own_codes) * width + _coded(key, known)).to_series()
        line_codes, own_codes, size = _packed(line_codes, own_codes, size * width)
    first = (
        pl.DataFrame({"slot": own_codes, "row": pl.Series(range(table.height), dtype=_CODE)})
        .group_by("slot")
        .agg(pl.col("row").min())
    )
    return gathered(_slots(first["slot"], first["row"], size), line_codes)


def gathered(values: pl.Series, row: pl.Expr) -> pl.Expr:
    """What stands at a row number; null where that is null."""
    return pl.lit(values).gather(row)


def value_for(cell: pl.Expr, old: Sequence[str], new: Sequence[Any] | pl.Series) -> pl.Expr:
    """What `new` holds at the place a text cell has in `old`; null for any other cell.

    The same as `replace_strict` with a default of null, which the streaming engine can only do
    on a whole column.
    """
    return gathered(pl.Series(new), _place(cell, old))


def swapped(cell: pl.Expr, old: Sequence[str], new: Sequence[str | None]) -> pl.Expr:
    """A text cell with the values of `old` swapped for those of `new`; others as they are."""
    place = _place(cell, old)
    there = gathered(pl.Series(new, dtype=pl.String), place)
    return pl.when(place.is_not_null()).then(there).otherwise(cell)


def _place(cell: pl.Expr, values: Sequence[str] | pl.Series) -> pl.Expr:
    return cell.cast(pl.Enum(values), strict=False).to_physical().cast(_CODE)


def _coded(column: str, known: pl.Series) -> pl.Expr:
    """The place of a cell in `known`, one more for null, and null for what is not in it."""
    place = _place(pl.col(column), known)
    return pl.when(pl.col(column).is_null()).then(pl.lit(len(known), _CODE)).otherwise(place)


def _packed(line: pl.Expr, own: pl.Series, size: int) -> tuple[pl.Expr, pl.Series, int]:
    """The codes of combined keys, renumbered so that only combinations in the table count."""
    seen = own.unique().sort()
    packed = pl.Series(range(len(seen)), dtype=_CODE)
    slots = _slots(seen, packed, size)
    return gathered(slots, line), own.replace_strict(seen, packed), len(seen)


def _slots(at: pl.Series, value: pl.Series, size: int) -> pl.Series:
    """A series of `size`, null but for `value` at `at`."""
    slots = pl.DataFrame({"at": pl.Series(range(size), dtype=_CODE)})
    placed = pl.DataFrame({"at": at, "value": value})
    return slots.join(placed, on="at", how="left", maintain_order="left")["value"]

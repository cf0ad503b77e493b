"""Look-ups in small tables as expressions over lines.

A join writes every column of the lines anew; an expression adds one. So each text column of few
values is numbered once: the number of a cell is its place in the list of the column's values. What
is known of the values stands in short columns of the same order and is gathered by that number,
one step per fact, without hashing or comparing the cell again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

_CODE = pl.UInt32

FEWEST_SLOTS, MOST_SLOTS = 2**12, 2**20
"""Slots of the table behind `fact_of`; the largest still fits a processor's cache."""
SEEDS = 16
"""Hash functions tried for each size of that table."""


def number_of(cell: pl.Expr, values: pl.Series) -> pl.Expr:
    """The place (UInt32) of a text cell in `values`; the number of values where it is null.

    See `fact_of`.
    """
    return fact_of(cell, values, pl.Series(range(len(values) + 1), dtype=_CODE))


def fact_of(cell: pl.Expr, values: pl.Series, facts: pl.Series) -> pl.Expr:
    """What `facts`, in the order of `values` and last for null, says of a text cell.

    `values` (no null, none twice) must hold every cell there is: any other gets the fact of some.
    The values are spread by a hash that was tried to give each a slot of its own. Where there are
    too many for that, cells are matched by their text.
    """
    known = pl.concat([values, pl.Series([None], dtype=pl.String)])
    for seed, size in _tables(len(known)):
        slots = known.hash(seed=seed) % size
        if slots.n_unique() == len(known):
            places = pl.Series(range(len(known)), dtype=_CODE)
            table = pl.zeros(size, _CODE, eager=True).scatter(slots, places)
            return gathered(facts.gather(table), cell.hash(seed=seed) % size)
    return gathered(facts, cell.cast(pl.Enum(values)).to_physical().fill_null(len(values)))


def _tables(values: int) -> Iterator[tuple[int, int]]:
    """Seeds and sizes that may tell so many values apart, the smallest size likely to first."""
    size = FEWEST_SLOTS
    while size <= MOST_SLOTS:
        if size * 4 >= values**2:
            yield from ((seed, size) for seed in range(SEEDS))
        size *= 2


@dataclass(frozen=True)
class Numbered:
    """A column of the lines that holds numbers of `values`; null is the number behind the last."""

    column: str
    values: pl.Series

    def fact(self, facts: pl.Series, blank: object = None) -> pl.Expr:
        """What `facts`, in the order of `values`, says of the line; `blank` where it is null."""
        if not len(self.values):
            return pl.lit(blank, facts.dtype)
        last = pl.Series([blank], dtype=facts.dtype)
        return gathered(pl.concat([facts, last]), pl.col(self.column))

    def about(self, facts: pl.Expr) -> pl.Series:
        """An expression over `value`, worked out for each of the values."""
        return self.values.to_frame("value").select(facts).to_series()


def places(cells: pl.Series, known: pl.Series) -> pl.Series:
    """Where in `known` (no null, none twice) each of the cells stands (UInt32); null for none."""
    return cells.cast(pl.Enum(known), strict=False).to_physical().cast(_CODE)


def row_of(table: pl.DataFrame, on: Mapping[str, Numbered]) -> pl.Expr:
    """The number (UInt32) of the first row of `table` that has the line's key values.

    Args:
        table: the small table.
        on: key columns of the table, and where the lines hold their values.

    Returns:
        Null where no row fits; null equals null.
    """
    line_codes, own_codes, size = pl.lit(0, _CODE), pl.zeros(table.height, _CODE, eager=True), 1
    for key, cells in on.items():
        known = table[key].drop_nulls().unique(maintain_order=True).cast(pl.String)
        null, count = pl.Series([len(known)], dtype=_CODE), len(known) + 1
        own = places(table[key].cast(pl.String), known).fill_null(len(known))
        line = gathered(pl.concat([places(cells.values, known), null]), pl.col(cells.column))
        line_codes, own_codes = line_codes * count + line, own_codes * count + own
        line_codes, own_codes, size = _packed(line_codes, own_codes, size * count)
    first = (
        pl.DataFrame({"slot": own_codes, "row": pl.Series(range(table.height), dtype=_CODE)})
        .group_by("slot")
        .agg(pl.col("row").min())
    )
    return gathered(scattered(first["slot"], first["row"], size), line_codes)


def gathered(values: pl.Series, row: pl.Expr) -> pl.Expr:
    """What stands at a row number; null where that is null."""
    return pl.lit(values).gather(row)


def _packed(line: pl.Expr, own: pl.Series, size: int) -> tuple[pl.Expr, pl.Series, int]:
    """The codes of combined keys, renumbered so that only combinations in the table count."""
    packed = (own.rank("dense") - 1).cast(_CODE)
    return gathered(scattered(own, packed, size), line), packed, packed.n_unique()


def scattered(at: pl.Series, value: pl.Series, size: int) -> pl.Series:
    """A series of `size`, null but for `value` at `at`."""
    return pl.repeat(None, size, dtype=value.dtype, eager=True).scatter(at, value)

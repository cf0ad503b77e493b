"""Asking an interval table about lines whose key columns hold text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from claim_audit.lookup import Numbered, number_of
from claim_audit.reference.intervals import IntervalTable


def valid_on(
    table: IntervalTable, lines: pl.LazyFrame, keys: Mapping[str, str], *args: Any, **named: Any
) -> pl.LazyFrame:
    """`IntervalTable.looked_up` for lines without numbers; `keys` maps columns to keys."""
    cells = lines.collect()
    numbered = {
        key: Numbered(f"{column}__no", cells[column].drop_nulls().unique(maintain_order=True))
        for column, key in keys.items()
    }
    numbers = [
        number_of(pl.col(column), numbered[key].values).alias(numbered[key].column)
        for column, key in keys.items()
    ]
    found = table.looked_up(numbered, *args, **named)(lines.with_columns(numbers))
    return found.drop(cells.column for cells in numbered.values())

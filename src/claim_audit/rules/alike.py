"""Lines that are alike, found by 64-bit fingerprints before anything is compared for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import xor

import polars as pl

from claim_audit.rules.form import WITNESSES

FIRST = pl.col("line_id").sort().head(WITNESSES)
"""In a group: its first lines, as many as need be named."""

OTHERS = pl.col("related").list.set_difference(pl.concat_list("line_id"))
"""`related` without the line itself."""


def fingerprint(columns: Iterable[str]) -> pl.Expr:
    """A number (UInt64) that is the same where all of the columns are, nulls included.

    A column's place among `columns` counts, so that values do not cancel out when they swap
    columns.
    """
    return reduce(xor, (pl.col(column).hash(seed=n) for n, column in enumerate(columns)))


def repeated(lines: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """The lines whose combination of `keys` occurs more than once.

    It is a cheap sieve for many lines: a chance fingerprint may let a line through, so what is
    left is to be grouped by the keys themselves.
    """
    marked = lines.with_columns(fingerprint(keys).alias("alike"))
    often = marked.group_by("alike").len().filter(pl.col("len") > 1).select("alike")
    return marked.join(often, on="alike", how="semi").drop("alike")

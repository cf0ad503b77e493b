"""Lines that are alike, found by 64-bit fingerprints before anything is compared for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import xor

import polars as pl

from claim_audit.rules.form import WITNESSES
from claim_audit.rules.held import held

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


def suspects(lines: pl.LazyFrame, keys: Sequence[str], suspect: pl.Expr) -> pl.LazyFrame:
    """The lines of the groups with the same `keys` for which `suspect` (an aggregate) is true.

    It is a cheap sieve for many lines, to be used before lines are compared one by one: where two
    groups have one fingerprint by chance (two of 2⁶⁴) they are judged as one, so what is left is
    to be grouped by the keys themselves.
    """
    alike = fingerprint(keys) if len(keys) > 1 else pl.col(*keys)
    groups = lines.group_by(alike.alias("alike")).agg(suspect.alias("suspect"))
    return among(lines, alike, groups.filter("suspect").select("alike"))


def among(lines: pl.LazyFrame, key: pl.Expr, keys: pl.LazyFrame) -> pl.LazyFrame:
    """The lines whose `key` is among `keys` (one column), worked out at once.

    Many lines are looked at and few are left, so that it is not to be done again for each use of
    the result.
    """
    found = keys.collect().to_series()
    return held(lines.filter(key.is_in(found.implode(), nulls_equal=True)))

"""How a code is billed per payer in this batch: quantities, modifiers, places, unit prices.

Quantiles are taken from counts of distinct values, which are few, so the pass over the lines
only counts. A quantile is the smallest value with at least that share of the lines at or
below it.
"""

from __future__ import annotations

import polars as pl
from polars._typing import PolarsDataType

from claim_audit.engine import facts
from claim_audit.rules import words
from claim_audit.rules.line import Line

QUANTILES = (5, 25, 50, 75, 95)
KEYS = ("hcpcs_code", "payer", "line_of_business")
PER_UNIT = ("charge", "allowed", "paid")
TOP = 5
"""Modifier sets and places of service named per row."""

_SHARES = {f"p{q}": q / 100 for q in QUANTILES}

SCHEMA: dict[str, PolarsDataType] = {
    "hcpcs_code": pl.String,
    "payer": pl.String,
    "line_of_business": pl.String,
    "lines": pl.UInt32,
    "members": pl.UInt32,
    "suppliers": pl.UInt32,
    **{f"units_per_line_{q}": pl.Decimal(16, 4) for q in _SHARES},
    **{f"units_per_30_days_{q}": pl.Float64 for q in _SHARES},
    "modifiers": pl.String,
    "places_of_service": pl.String,
    **{f"{amount}_per_unit": pl.Decimal(16, 4) for amount in PER_UNIT},
}
"""Columns of the benchmarks table, in order; amounts per unit are medians, USD."""


def table(lines: pl.LazyFrame, line: Line) -> pl.DataFrame:
    """The benchmarks of a batch of claim lines; original lines with a code only."""
    span = (pl.col("service_to_date") - pl.col("service_from_date")).dt.total_days() + 1
    days = pl.coalesce(
        pl.when(pl.col("days_supply") > 0).then("days_supply"), pl.when(span > 1).then(span)
    )
    positive = pl.col("units") > 0
    seen = (
        facts.attach(lines, ["payer", "lob", "member_key"], line)
        .filter(pl.col("hcpcs_code").is_not_null() & line.is_original)
        .with_columns(
            pl.col("lob").alias("line_of_business"),
            words.modifiers().alias("modifiers"),
            pl.when(positive)
            .then((pl.col("units").cast(pl.Float64) * 30 / days).round(2))
            .alias("units_per_30_days"),
            *(
                pl.when(positive)
                .then(
                    (
                        pl.col(f"{a}_amount").cast(pl.Float64) / pl.col("units").cast(pl.Float64)
                    ).round(4)
                )
                .alias(f"{a}_per_unit")
                for a in PER_UNIT
            ),
        )
    )

    def counted(*columns: str) -> pl.LazyFrame:
        return seen.group_by(*KEYS, *columns).agg(pl.len().alias("n"))

    frames = pl.collect_all(
        [
            seen.group_by(KEYS).agg(pl.len().alias("lines")),
            counted("member_key").group_by(KEYS).agg(pl.len().alias("members")),
            counted("billing_npi")
            .group_by(KEYS)
            .agg(pl.col("billing_npi").count().alias("suppliers")),
            counted("units"),
            counted("units_per_30_days"),
            counted("modifiers"),
            counted("place_of_service"),
            *(counted(f"{amount}_per_unit") for amount in PER_UNIT),
        ],
        engine="streaming",
    )
    lines_, members, suppliers, units, per_30, modifiers, places, *prices = frames
    parts = [
        members,
        suppliers,
        _quantiles(units, "units", "units_per_line"),
        _quantiles(per_30, "units_per_30_days", "units_per_30_days"),
        _most(modifiers, "modifiers", "modifiers"),
        _most(places, "place_of_service", "places_of_service"),
        *(
            _quantiles(frame, f"{a}_per_unit", f"{a}_per_unit").select(
                *KEYS, pl.col(f"{a}_per_unit_p50").alias(f"{a}_per_unit")
            )
            for a, frame in zip(PER_UNIT, prices, strict=True)
        ),
    ]
    whole = lines_
    for part in parts:
        whole = whole.join(part, on=KEYS, how="left", nulls_equal=True)
    return whole.sort(KEYS, nulls_last=True).select(
        pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()
    )


def _quantiles(counted: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    ranked = (
        counted.drop_nulls(column)
        .sort(*KEYS, column)
        .with_columns(
            pl.col("n").cum_sum().over(KEYS).alias("below"),
            pl.col("n").sum().over(KEYS).alias("all"),
        )
    )
    return ranked.group_by(KEYS).agg(
        pl.col(column)
        .filter(pl.col("below") >= pl.col("all") * share)
        .min()
        .alias(f"{name}_{label}")
        for label, share in _SHARES.items()
    )


def _most(counted: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """The most frequent values with their counts, in one text."""
    return (
        counted.drop_nulls(column)
        .sort(*KEYS, "n", column, descending=[False, False, False, True, False])
        .group_by(KEYS, maintain_order=True)
        .agg(pl.format("{} ({})", column, "n").head(TOP).alias(name))
        .with_columns(pl.col(name).list.join("; "))
    )

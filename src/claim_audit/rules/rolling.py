"""Totals over the days that end with a line's date, within a member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from claim_audit.rules.daily import BILLED, UNITS
from claim_audit.rules.form import WITNESSES, MemberFinding, Params
from claim_audit.rules.line import Line

DAY = pl.col("service_from_date")
USED = pl.col("used")
"""The units of the window (the type of `units`)."""


def finding(
    line: Line,
    codes: Sequence[str],
    p: Params,
    *,
    use: pl.Expr,
    message: str,
    observed: pl.Expr,
    expected: str,
) -> MemberFinding:
    """The finding that a member's use over a window of days is too high.

    One line stands for a day: the last one with units above zero. Lines with negative units (a
    reversal without a frequency code) count in the totals.

    Args:
        line: the run's vocabulary.
        codes: the rule's codes, whose units are added up.
        p: `days` of the window, and `warn_above` and `error_above` for `use`.
        use: what is held against the limits, an expression over `USED`.
        message, observed, expected: the texts of the finding, over `USED`.
    """

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        over = totals(lines, p.days).filter(use > p.warn_above).drop_nulls("line_id")
        return with_window(over, lines).select(
            "line_id",
            pl.when(use > p.error_above)
            .then(pl.lit("error"))
            .otherwise(pl.lit("warning"))
            .alias("severity"),
            pl.lit(message).alias("message"),
            observed.alias("observed"),
            pl.lit(expected).alias("expected"),
            "related",
        )

    return MemberFinding(
        find=find,
        population=BILLED,
        evidence=line.code_in(*codes) & (UNITS < 0) & DAY.is_not_null(),
    )


def totals(lines: pl.LazyFrame, days: int) -> pl.LazyFrame:
    """What each member used in the window that ends with each of the member's days.

    Args:
        lines: `line_id`, `member_key`, `service_from_date` (not null), `units`, `in_population`.
        days: length of the window; a line 90 days back is outside a window of 90.

    Returns:
        One row per member and day: `member_key`, `service_from_date`, `line_id` (the last line of
        the day in the population, null without one), `used` (units; decimals stay exact) and
        `count` (lines of the window).
    """
    sums = {"used": UNITS.sum(), "count": pl.len().cast(pl.Int64)}
    daily = lines.group_by("member_key", "service_from_date").agg(
        pl.col("line_id").filter("in_population").max(),
        *(total.alias(name) for name, total in sums.items()),
    )
    so_far = daily.with_columns(
        pl.col(name).cum_sum().over("member_key", order_by=DAY) for name in sums
    )
    outside = so_far.select(
        "member_key",
        DAY.alias("last_outside"),
        *(pl.col(name).alias(f"{name}_outside") for name in sums),
    ).sort("last_outside")
    return (
        so_far.with_columns((DAY - timedelta(days=days)).alias("edge"))
        .sort("edge")
        .join_asof(
            outside,
            left_on="edge",
            right_on="last_outside",
            by="member_key",
            strategy="backward",
            check_sortedness=False,
        )
        .select(
            "member_key",
            "service_from_date",
            "line_id",
            *(pl.col(name) - pl.col(f"{name}_outside").fill_null(0) for name in sums),
        )
    )


def with_window(over: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of `totals` with `related`: other lines of the window, the latest `WITNESSES` of them.

    The lines of a window stand together once a member's lines are sorted by day, so that the
    work grows with the lines named and not with all pairs of a member's lines.
    """
    ordered = (
        lines.join(over, on="member_key", how="semi")
        .select("member_key", "service_from_date", pl.col("line_id").alias("other"))
        .sort("member_key", "service_from_date", "other")
        .with_row_index("position")
        .with_columns(pl.col("position").cast(pl.Int64))
    )
    ends = ordered.group_by("member_key", "service_from_date").agg(
        (pl.col("position").max() + 1).alias("end")
    )
    shown = pl.min_horizontal("count", WITNESSES + 1)
    related = (
        over.join(ends, on=["member_key", "service_from_date"])
        .select("line_id", pl.int_ranges(pl.col("end") - shown, "end").alias("position"))
        .explode("position")
        .join(ordered, on="position")
        .filter(pl.col("other") != pl.col("line_id"))
        .group_by("line_id")
        .agg(pl.col("other").alias("related"))
    )
    return over.join(related, on="line_id", how="left")

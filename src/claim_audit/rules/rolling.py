"""Totals over the days that end with a line's date, within a member."""

from __future__ import annotations

from datetime import timedelta

import polars as pl


def total(lines: pl.LazyFrame, days: int, units: str) -> pl.LazyFrame:
    """The last line of each member and day, with what the member used in the window.

    Args:
        lines: `line_id`, `member_key`, `service_from_date` (not null) and `units`.
        days: length of the window; a line 90 days back is outside a window of 90.
        units: column to add up; decimals stay exact.

    Returns:
        One row per member and day: all columns of the day's last line, and `used` (the type of
        `units`).
    """
    day = pl.col("service_from_date")
    daily = (
        lines.group_by("member_key", "service_from_date")
        .agg(pl.col(units).sum().alias("of_day"))
        .sort("member_key", "service_from_date")
        .with_columns(pl.col("of_day").cum_sum().over("member_key", order_by=day).alias("so_far"))
    )
    before = daily.select(
        "member_key", day.alias("last_outside"), pl.col("so_far").alias("outside")
    ).sort("last_outside")
    used = (
        daily.with_columns((day - timedelta(days=days)).alias("edge"))
        .sort("edge")
        .join_asof(
            before,
            left_on="edge",
            right_on="last_outside",
            by="member_key",
            strategy="backward",
            check_sortedness=False,
        )
        .select(
            "member_key",
            "service_from_date",
            (pl.col("so_far") - pl.col("outside").fill_null(0)).alias("used"),
        )
    )
    last = lines.sort("line_id").group_by("member_key", "service_from_date").last()
    return last.join(used, on=["member_key", "service_from_date"])


def with_window(violations: pl.LazyFrame, lines: pl.LazyFrame, days: int) -> pl.LazyFrame:
    """`violations` with `related`: the member's other lines in the window (List of UInt64)."""
    day = pl.col("service_from_date")
    others = lines.select("member_key", day.alias("other_day"), pl.col("line_id").alias("other"))
    back = (day - pl.col("other_day")).dt.total_days()
    window = (
        violations.select("line_id", "member_key", "service_from_date")
        .join(others, on="member_key")
        .filter(back.is_between(0, days - 1) & (pl.col("line_id") != pl.col("other")))
        .group_by("line_id")
        .agg(pl.col("other").alias("related"))
    )
    return violations.join(window, on="line_id", how="left")

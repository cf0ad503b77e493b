"""Totals over the days that end with a line's date, within a member."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.daily import BILLED, UNITS
from claim_audit.rules.form import WITNESSES, MemberFinding, Params
from claim_audit.rules.held import held
from claim_audit.rules.line import Line

DAY = pl.col("service_from_date")
USED = pl.col("used")
"""The units of the window (the type of `units`)."""

MEMBER = 2**24
"""Further apart than any two dates are in days."""
PLACE = (
    pl.col("member_key").ne_missing(pl.col("member_key").shift()).cum_sum().cast(pl.Int64) * MEMBER
    + DAY.to_physical()
)
"""Of lines in order by member, and by day within the member: a number that grows along it."""


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
        over = totals(lines, p.days, use > p.warn_above)
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


def totals(lines: pl.LazyFrame, days: int, exceeding: pl.Expr) -> pl.LazyFrame:
    """What members used in the windows that end with their days, where it is `exceeding`.

    All lines are put in one order, by member and by day within the member, and their units added
    up from the first to the last. What a window holds is the sum up to its last line less the sum
    up to the last line before it, be that an earlier line of the member or another member's.

    Args:
        lines: `line_id`, `member_key`, `service_from_date` (not null), `units` (not null),
            `in_population`.
        days: length of the window; a line 90 days back is outside a window of 90.
        exceeding: Boolean expression over `USED`.

    Returns:
        One row per member and day with a line of the population: `member_key`,
        `service_from_date`, `line_id` (the last of these lines), `used` (units; decimals stay
        exact) and `count` (lines of the window).
    """
    place = pl.col("place")
    last_of_day = place.ne_missing(place.shift(-1))
    placed = (
        lines.select("line_id", "member_key", DAY, UNITS, "in_population")
        .sort("member_key", DAY)
        .with_columns(PLACE.alias("place"))
        .pipe(held)
    )
    so_far = (
        placed.select(
            "place", UNITS.cum_sum().alias("used"), (pl.int_range(pl.len()) + 1).alias("count")
        )
        .filter(last_of_day)
        .pipe(held)
    )
    outside = so_far.rename({"place": "last_outside"})
    windows = (
        so_far.with_columns((place - days).alias("edge"))
        .join_asof(outside, left_on="edge", right_on="last_outside", suffix="_outside")
        .select(
            "place",
            *(pl.col(name) - pl.col(f"{name}_outside").fill_null(0) for name in ("used", "count")),
        )
        .filter(exceeding)
        .pipe(held)
    )
    return (
        alike.among(
            placed.filter("in_population").select("line_id", "member_key", DAY, "place"),
            place,
            windows.select("place"),
        )
        .join(windows, on="place")
        .group_by("member_key", "service_from_date")
        .agg(pl.col("line_id").max(), pl.col("used", "count").first())
        .pipe(held)
    )


def with_window(over: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of `totals` with `related`: other lines of the window, the latest `WITNESSES` of them.

    The lines of a window stand together once a member's lines are sorted by day, so that the
    work grows with the lines named and not with all pairs of a member's lines.
    """
    ordered = (
        alike.among(
            lines.select("member_key", "service_from_date", pl.col("line_id").alias("other")),
            pl.col("member_key"),
            over.select("member_key"),
        )
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

"""What the lines of a member together say of each: superseded or not, and for how many days.

Both are worked out per `member_key` only, so any partition by member gives the same.
"""

from __future__ import annotations

import polars as pl

from claim_audit.rules.families import INSULIN, PUMP_FILL, WEEKLY_SETS
from claim_audit.rules.line import Line

GAP_CAP = 100
"""Days that a gap to the next fill may stand for at most."""

READS = (
    "line_id",
    "member_key",
    "claim_id",
    "claim_control_number",
    "payer_claim_control_number",
    "cross_reference_claim_id",
    "claim_frequency_code",
    "billing_npi",
    "hcpcs_code",
    "service_from_date",
    "service_to_date",
    "units",
    "days_supply",
)


def superseded(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    """`lines` with `superseded` (Boolean): voids, and what a void or replacement took back.

    A void or replacement names what it changes by `cross_reference_claim_id` or
    `payer_claim_control_number`, or bears the same claim id or control number itself. A void
    supersedes all it refers to; a replacement supersedes the claim it names, and of a claim
    with its own number the original lines.
    """
    if not line.profile.occurs("claim_frequency_code", ["7", "8"]):
        return lines.with_columns(pl.lit(False).alias("superseded"))
    frequency = pl.col("claim_frequency_code")
    named = pl.coalesce("cross_reference_claim_id", "payer_claim_control_number")
    changes = lines.filter(frequency.is_in(["7", "8"])).select(
        "member_key", "claim_id", "claim_control_number", frequency, named.alias("named")
    )
    itself = (pl.col("named") == pl.col("claim_id")).fill_null(False) | (
        pl.col("named") == pl.col("claim_control_number")
    ).fill_null(False)
    elsewhere = changes.filter(pl.col("named").is_not_null() & ~itself)

    def marks(column: str, changes: pl.LazyFrame, key: str, name: str) -> pl.LazyFrame:
        return (
            changes.drop_nulls(key)
            .group_by("member_key", pl.col(key).alias(column))
            .agg((frequency == "8").any().alias(f"{name}_void"), pl.lit(True).alias(name))
        )

    joined = lines
    for column, found, key, name in (
        ("claim_id", elsewhere, "named", "claim_named"),
        ("claim_control_number", elsewhere, "named", "control_named"),
        ("claim_id", changes.filter(pl.col("named").is_null() | itself), "claim_id", "same_claim"),
        ("claim_control_number", changes.filter(itself), "claim_control_number", "same_control"),
    ):
        joined = joined.join(marks(column, found, key, name), on=["member_key", column], how="left")
    replaced = pl.col("same_claim") | pl.col("same_control")
    gone = (
        (frequency == "8")
        | pl.col("claim_named")
        | pl.col("control_named")
        | pl.col("same_claim_void")
        | pl.col("same_control_void")
        | (replaced & ~frequency.is_in(["7", "8"]).fill_null(False))
    )
    names = ("claim_named", "control_named", "same_claim", "same_control")
    return joined.with_columns(gone.fill_null(False).alias("superseded")).drop(
        *names, *(f"{name}_void" for name in names)
    )


def days(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    """`lines` with `days` (Int32) of supply and `days_source` (String), null where not known.

    The first of: the days-supply field; the weeks of A4224 that the supplier billed for the
    member on that day; a date span longer than one day; JK 30 and JL 90; the gap to the
    member's next fill of the code, at most `GAP_CAP`.
    """
    start, end = pl.col("service_from_date"), pl.col("service_to_date")
    fill = line.code_in(*PUMP_FILL)
    span = (end - start).dt.total_days().cast(pl.Int32) + 1
    fills = lines.filter(fill)
    weeks = (
        fills.filter(line.code_in(WEEKLY_SETS) & ~pl.col("superseded"))
        .group_by("member_key", "billing_npi", "service_from_date")
        .agg((pl.col("units").sum() * 7).cast(pl.Int32, strict=False).alias("week_days"))
    )
    sources = {
        "days supply": pl.when(pl.col("days_supply") > 0).then("days_supply"),
        "A4224 weeks": pl.when(pl.col("week_days") > 0).then("week_days"),
        "date span": pl.when(span > 1).then(span),
        "JK": pl.when(line.code_in(*INSULIN) & line.has_modifier("JK")).then(30),
        "JL": pl.when(line.code_in(*INSULIN) & line.has_modifier("JL")).then(90),
    }
    stated = lines.join(
        weeks, on=["member_key", "billing_npi", "service_from_date"], how="left", nulls_equal=True
    ).with_columns(
        pl.when(fill).then(pl.coalesce(*sources.values()).cast(pl.Int32)).alias("days"),
        pl.when(fill)
        .then(
            pl.coalesce(
                pl.when(value.is_not_null()).then(pl.lit(name)) for name, value in sources.items()
            )
        )
        .alias("days_source"),
    )
    open_ended = stated.filter(fill & pl.col("days").is_null())
    return (
        stated.join(_gaps(fills, open_ended), on=[*_FILL, "service_from_date"], how="left")
        .with_columns(
            pl.coalesce("days", "gap_days").alias("days"),
            pl.coalesce(
                "days_source", pl.when(pl.col("gap_days").is_not_null()).then(pl.lit("next fill"))
            ).alias("days_source"),
        )
        .drop("week_days", "gap_days")
    )


_FILL = ("member_key", "hcpcs_code")


def _gaps(fills: pl.LazyFrame, open_ended: pl.LazyFrame) -> pl.LazyFrame:
    """Days from each fill date to the next of the same code, for the codes that need it."""
    date = pl.col("service_from_date")
    return (
        fills.filter(~pl.col("superseded"))
        .select(*_FILL, date)
        .join(open_ended.select(_FILL), on=_FILL, how="semi")
        .unique()
        .sort(*_FILL, "service_from_date")
        .with_columns(
            (date.shift(-1).over(_FILL, order_by=date) - date)
            .dt.total_days()
            .clip(upper_bound=GAP_CAP)
            .cast(pl.Int32)
            .alias("gap_days")
        )
        .drop_nulls()
    )

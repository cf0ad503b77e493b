"""What the lines of a member together say of each: superseded or not, and for how many days.

Both are worked out per `member_key` only, so any partition by member gives the same.
"""

from __future__ import annotations

import polars as pl

from claim_audit.lookup import scattered
from claim_audit.rules import alike
from claim_audit.rules.families import INSULIN, PUMP_FILL, WEEKLY_SETS
from claim_audit.rules.held import held
from claim_audit.rules.line import REPLACEMENT, VOID, Line, all_of, any_of

GAP_CAP = 100
"""Days that a gap to the next fill may stand for at most."""

SOURCES = pl.Enum(["days supply", "A4224 weeks", "date span", "JK", "JL", "next fill"])
"""What may say for how many days a fill is, the best first."""

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


def superseded(lines: pl.DataFrame, line: Line) -> pl.DataFrame:
    """`lines` with `superseded` (Boolean): voids, and what a void or replacement took back.

    A void or replacement names what it changes by `cross_reference_claim_id` or
    `payer_claim_control_number`, or bears the same claim id or control number itself. A void
    supersedes all it refers to; a replacement supersedes the claim it names, and of a claim
    with its own number the original lines.
    """
    if not line.profile.occurs("claim_frequency_code", [REPLACEMENT, VOID]):
        return lines.with_columns(pl.lit(False).alias("superseded"))
    members = lines.lazy().filter(CHANGES).select("member_key").unique()
    touched = alike.among(lines.lazy().select(READS), pl.col("member_key"), members)
    gone = _taken_back(touched).collect()["line_id"]
    return lines.with_columns(pl.col("line_id").is_in(gone.implode()).alias("superseded"))


FREQUENCY = pl.col("claim_frequency_code")
CHANGES = FREQUENCY.is_in([REPLACEMENT, VOID]).fill_null(False)
"""Whether a line is on a void or a replacement."""


def _taken_back(lines: pl.LazyFrame) -> pl.LazyFrame:
    """The lines that are voids or that a void or replacement took back."""
    named = pl.coalesce("cross_reference_claim_id", "payer_claim_control_number").alias("named")
    changes = lines.filter(CHANGES).with_columns(named)
    own = [pl.col(key).eq_missing(pl.col("named")) for key in ("claim_id", "claim_control_number")]
    unnamed = pl.col("named").is_null()
    itself = ~unnamed & any_of(own)
    elsewhere, void = ~unnamed & ~itself, FREQUENCY == VOID

    def among(targets: pl.LazyFrame, key: str, column: str, of: pl.LazyFrame) -> pl.LazyFrame:
        known = targets.select("member_key", pl.col(key).alias(column)).drop_nulls()
        return of.join(known, on=["member_key", column], how="semi").select("line_id")

    originals = lines.filter(~CHANGES)
    same_claim = changes.filter(unnamed | itself)
    same_control = changes.filter(itself)
    return pl.concat(
        [
            lines.filter(void.fill_null(False)).select("line_id"),
            among(changes.filter(elsewhere), "named", "claim_id", lines),
            among(changes.filter(elsewhere), "named", "claim_control_number", lines),
            among(same_claim.filter(void), "claim_id", "claim_id", lines),
            among(same_control.filter(void), "named", "claim_control_number", lines),
            among(same_claim, "claim_id", "claim_id", originals),
            among(same_control, "named", "claim_control_number", originals),
        ]
    ).unique()


def days(lines: pl.DataFrame, line: Line) -> pl.DataFrame:
    """`days` (Int32) of supply of each of the lines, and `days_source` (`SOURCES`); null where not
    known.

    The first of: the days-supply field; the weeks of A4224 that the supplier billed for the
    member on that day; a date span longer than one day; JK 30 and JL 90; the gap to the
    member's next fill of the code, at most `GAP_CAP`.
    """
    fill = line.code_in(*PUMP_FILL)
    given = fill & (pl.col("days_supply") > 0).fill_null(False)
    by_field = {
        "days": pl.when(given).then("days_supply"),
        "days_source": pl.when(given).then(pl.lit("days supply", SOURCES)),
    }
    unsaid = lines.lazy().with_row_index("row").filter(fill & ~given)
    fills = lines.lazy().filter(fill & ~pl.col("superseded"))
    worked_out = _worked_out(unsaid, fills, line).collect()
    if not worked_out.height:
        return lines.select(**by_field)
    return lines.select(
        **{
            name: pl.coalesce(said, scattered(worked_out["row"], worked_out[name], lines.height))
            for name, said in by_field.items()
        }
    )


def _worked_out(unsaid: pl.LazyFrame, fills: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    """`row`, `days` and `days_source` of the fills whose days-supply field says nothing."""
    span = line.span_days
    insulin = line.code_in(*INSULIN)
    sources = {
        "A4224 weeks": pl.when(pl.col("week_days") > 0).then("week_days"),
        "date span": pl.when(span > 1).then(span),
        "JK": pl.when(insulin & line.has_modifier("JK")).then(30),
        "JL": pl.when(insulin & line.has_modifier("JL")).then(90),
    }
    source = pl.coalesce(
        pl.when(value.is_not_null()).then(pl.lit(name, SOURCES)) for name, value in sources.items()
    )
    day = ("member_key", "billing_npi", "service_from_date")
    weeks = (
        fills.filter(line.code_in(WEEKLY_SETS))
        .group_by(day)
        .agg((pl.col("units").sum() * 7).cast(pl.Int32, strict=False).alias("week_days"))
    )
    known = pl.col("days").is_not_null()
    on_the_day = (
        unsaid.join(weeks, on=day, how="left", nulls_equal=True)
        .select(
            "row",
            *_FILL,
            "service_from_date",
            pl.coalesce(*sources.values()).cast(pl.Int32).alias("days"),
            source.alias("days_source"),
        )
        .pipe(held)
    )
    left = on_the_day.filter(~known).drop("days", "days_source")
    by_gap = left.join(_gaps(fills, left), on=[*_FILL, "service_from_date"]).with_columns(
        pl.lit("next fill", SOURCES).alias("days_source")
    )
    found = [on_the_day.filter(known), by_gap]
    return pl.concat(some.select("row", "days", "days_source") for some in found)


_FILL = ("member_key", "hcpcs_code")


def _gaps(fills: pl.LazyFrame, left: pl.LazyFrame) -> pl.LazyFrame:
    """`days` from each fill date to the next of the same code, for the fills that are left."""
    date = pl.col("service_from_date")
    needed = left.select(alike.fingerprint(_FILL).alias("fill"))
    ordered = (
        alike.among(fills.select(*_FILL, date), alike.fingerprint(_FILL), needed)
        .unique()
        .sort(*_FILL, "service_from_date")
    )
    same = all_of(pl.col(key) == pl.col(key).shift(-1) for key in _FILL)
    gap = (date.shift(-1) - date).dt.total_days().clip(upper_bound=GAP_CAP)
    return ordered.with_columns(pl.when(same).then(gap).cast(pl.Int32).alias("days")).drop_nulls()

"""A part of A4224 is billed beside it.

What it checks
    The first date of service of infusion sets, pump syringes, needles or skin preparation (A4230,
    A4231, A4232, A4215, A4244 to A4247) does not lie in the weeks that an A4224 of the same
    member covers: its date span, else seven days a unit, at most 13 units. The last ten days of
    these weeks are left out, for there the next supply may be delivered already.

Why it matters
    A4224 holds everything an insulin pump needs for a week. What is billed beside it is denied as
    unbundled.

Example
    13 units of A4224 on 2024-07-15 and 30 of A4231 on 2024-08-01.

Source
    CMS article A52507 (all-inclusive); ten days: 42 CFR 410.38; 13 units: NCCI MUE 2024Q3.

Known false positives
    Needles or alcohol wipes for something else than the pump; supplies of two payers.
"""

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.families import COMMERCIAL_SUPPLIES, WEEKLY_SETS
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="CD-10",
    name="codes.unbundled",
    title="Part of A4224 is billed beside it",
    severity="error",
    codes=(*COMMERCIAL_SUPPLIES, "A4215", "A4244", "A4245", "A4246", "A4247"),
    reads=("member", "hcpcs_code", "service_from_date"),
    uses=("payer__no", "units", "service_to_date"),
    params={"max_weeks": 13, "refill_days": 10},
    source=Source("CMS article A52507", "2026-09-12"),
)


@RULE.member
def unbundled(line: Line, p: Params) -> MemberFinding:
    day, end = pl.col("service_from_date"), pl.col("service_to_date")
    weekly = line.code_in(WEEKLY_SETS)
    severity = line.medicare_else("error", "warning")
    span = (end - day).dt.total_days() + 1
    weeks = (pl.col("units") * 7).cast(pl.Int64, strict=False)
    covered = pl.when(span > 1).then(span).otherwise(weeks).clip(0, p.max_weeks * 7).fill_null(0)
    last = day + pl.duration(days=(covered - 1 - p.refill_days).clip(lower_bound=0))

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        billed = pl.col("in_population")
        suspects = alike.suspects(lines, ["member_key"], billed.any() & ~billed.all())
        supplies = (
            suspects.filter(weekly & day.is_not_null())
            .sort("line_id")
            .group_by("member_key", last.alias("last"))
            .agg(day.min().alias("begun"), pl.col("line_id").alias("related"))
        )
        reach = (
            supplies.group_by("member_key", "begun")
            .agg(pl.col("last").max())
            .sort("begun")
            .with_columns(pl.col("last").cum_max().over("member_key", order_by="begun"))
        )
        return (
            suspects.filter("in_population")
            .sort("service_from_date")
            .join_asof(
                reach,
                left_on="service_from_date",
                right_on="begun",
                by="member_key",
                strategy="backward",
                check_sortedness=False,
            )
            .filter(day <= pl.col("last"))
            .drop("begun")
            .join(supplies, on=["member_key", "last"])
            .select(
                "line_id",
                severity.alias("severity"),
                pl.lit("a supply that A4224 holds already is billed beside it").alias("message"),
                pl.format("{} on {}, A4224 from {}", "hcpcs_code", day, "begun").alias("observed"),
                pl.lit("A4224 alone for these weeks").alias("expected"),
                pl.lit("take the line off the claim").alias("suggestion"),
                "related",
            )
        )

    return MemberFinding(find=find, evidence=weekly)

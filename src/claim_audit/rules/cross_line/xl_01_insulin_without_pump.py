"""Pump insulin without a pump.

What it checks
    Within 365 days before or after a line of pump insulin the member has a pump, pump
    supplies, pump batteries, or a diagnosis of pump presence (Z96.41).

Why it matters
    Medicare pays the insulin as part of the pump's benefit; billed alone it is denied.

Example
    J1817 in March, and nothing of a pump in the batch for that member.

Source
    CMS article A52507.

Known false positives
    A short extract, or a pump paid by an earlier payer.
"""

from datetime import timedelta

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.dx import Dx
from claim_audit.rules.families import BATTERIES, INSULIN, PUMP, PUMP_SUPPLIES
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="XL-01",
    name="cross-line.insulin-without-pump",
    title="Pump insulin without a pump",
    severity="error",
    codes=INSULIN,
    reads=("member", "service_from_date"),
    uses=("payer__no", "dx_all_flags"),
    params={"days": 365},
    source=Source("CMS article A52507", "2026-09-12"),
)


@RULE.member
def insulin_without_pump(line: Line, p: Params) -> MemberFinding:
    window = timedelta(days=p.days)
    day = pl.col("service_from_date")
    equipment = line.code_in(PUMP, *PUMP_SUPPLIES, *BATTERIES)
    evidence = equipment | Dx.PUMP_PRESENT.on("dx_all_flags")

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        # Days of one such period are at most `p.days` apart: with a pump in it nothing is wrong.
        period = (day.to_physical() // (p.days + 1)).alias("period")
        bare = pl.col("in_population").any() & ~pl.col("pump").any()
        known = lines.select(
            "line_id",
            "payer__no",
            "member_key",
            day,
            period,
            "in_population",
            evidence.alias("pump"),
        )
        suspects = alike.suspects(known, ["member_key", "period"], bare).filter("in_population")
        member = pl.col("member_key")
        seen = (
            alike.among(known.filter("pump"), member, suspects.select(member))
            .drop_nulls("service_from_date")
            .select("member_key", day.alias("seen"))
            .unique()
            .sort("seen")
        )
        insulin = suspects.sort("service_from_date")
        return (
            insulin.join_asof(
                seen,
                left_on="service_from_date",
                right_on="seen",
                by="member_key",
                strategy="nearest",
                tolerance=window,
                check_sortedness=False,
            )
            .filter(pl.col("seen").is_null())
            .select(
                "line_id",
                line.medicare_else("error", "warning").alias("severity"),
                pl.lit("pump insulin is billed for a member with no sign of a pump").alias(
                    "message"
                ),
                pl.format(
                    "no pump, supplies, batteries or Z96.41 within {} days", pl.lit(p.days)
                ).alias("observed"),
                pl.lit("a pump or its supplies for the same member").alias("expected"),
            )
        )

    return MemberFinding(find=find, evidence=evidence)

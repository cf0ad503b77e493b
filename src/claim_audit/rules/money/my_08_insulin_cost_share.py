"""The member's share of pump insulin is above the cap.

What it checks
    For Original Medicare from 2023-07-01, on lines that were not voided or replaced: no
    deductible; coinsurance of at most 35.00 with JK (up to one month), and of at most 105.00
    with JL (three months) or without either. Over several lines: what the member's JK lines of a
    calendar month come to is at most 35.00, and what JK and JL lines come to from the day of a
    JL line on is at most 105.00, until after 80 days the next refill may come. Of lines that
    exceed the cap together the later ones are reported, the first take it.

Why it matters
    The member must not be charged more; the contractors adjust what Medicare pays for the rest.

Example
    J1817 KX JK with a coinsurance of 61.20.

Source
    CGS news 2023-07-07 and CMS article A52507; the row with topic `cost_share_cap` of the payer
    policies. The 80 days are a three-month supply less the refill lead of 10 days.

Known false positives
    Claims processed before the contractors' systems applied the cap, and adjusted since.
"""

from datetime import timedelta

import polars as pl

from claim_audit.rules import policies, words
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MY-08",
    name="money.insulin-cost-share",
    title="Insulin cost share above the cap",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "coinsurance_amount"),
    needs=("modifier_1",),
    uses=("deductible_amount",),
    tables=("payer_policies",),
    params={"months": 3, "days": 80},
    source=Source("CGS news; CMS article A52507", "2023-07-07"),
)

DAY, SHARE = pl.col("service_from_date"), pl.col("coinsurance_amount")
ORDER = ("service_from_date", "line_id")
SAID = ("line_id", "message", "observed", "expected", "severity", "reference")


@RULE.member
def insulin_cost_share(line: Line, p: Params) -> MemberFinding:
    rows = policies.rows(line, "payer_policies", RULE.id)
    monthly = policies.binding(line, rows, lambda row: pl.lit(row["value"], pl.Decimal(16, 2)))
    long = policies.binding(
        line, rows, lambda row: pl.lit(row["value"] * p.months, pl.Decimal(16, 2))
    )
    month_only = line.has_modifier("JK") & ~line.has_modifier("JL")
    dosed = line.has_modifier("JK", "JL")
    severity = policies.said(line, rows, "severity").alias("severity")
    reference = policies.citation(line, rows, "payer_policies").alias("reference")

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        capped = lines.with_columns(
            pl.when(month_only).then(monthly).otherwise(long).alias("cap"),
            month_only.alias("month_only"),
        )
        alone = _alone(capped)
        together = _together(capped.filter(dosed), p.days).join(alone, on="line_id", how="anti")
        ...

"""JK or JL is missing on pump insulin.

What it checks
    A Medicare line of J1817, J1811 or J1813 from 2023-07-01 on bears JK (a supply for one month
    or less) or JL (for three months). For J1817 in May and June 2023 the contractors differ on
    JK: there it is a warning.

Why it matters
    The cap on the member's share of insulin is worked out by these modifiers; the line is denied
    without one.

Example
    J1817 KX on 2024-03-01.

Source
    CGS, news of 2023-07-07; Noridian JA, infusion pump page; CMS article A52507; the rows
    `medicare-duration-j*` of the modifier policies.

Known false positives
    Extracts that carry fewer modifier slots than the claim had.
"""

from dataclasses import replace
from datetime import date

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-09",
    name="modifiers.duration-missing",
    title="JK or JL is missing",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "payer"),
    needs=("modifier_1",),
    uses=(*MODIFIERS, "service_to_date", "days_supply"),
    tables=("modifier_policies",),
    params={"jk_days": 34, "jl_days": 75},
    source=Source("CGS JC news of 2023-07-07; CMS article A52507", "2026-09-12"),
)

JL_SINCE = date(2023, 7, 1)


@RULE.line
def duration_missing(line: Line, p: Params) -> Finding:
    days = line.billed_days
    three_months = (days > p.jl_days) & (pl.col("service_from_date") >= JL_SINCE)
    return replace(
        policies.modifier_finding(line, RULE.id),
        suggestion=pl.when(days <= p.jk_days)
        .then(pl.format("JK: a supply for {} days", days))
        .when(three_months)
        .then(pl.format("JL: a supply for {} days", days)),
    )

"""JK or JL does not fit the span of dates.

What it checks
    On a Medicare line of pump insulin whose dates of service span more than one day: JK (a supply
    for one month or less) with a span of more than 34 days, or JL (for three months) with a span
    of 75 days or less. First and last day count. A span of one day says nothing about the supply
    and is left out.

Why it matters
    The member's share is capped once for JK and three times for JL. The wrong one makes the
    member or the plan pay too much.

Example
    J1817 JK from 2024-01-01 to 2024-03-30.

Source
    CMS article A52507 and the HCPCS meanings of JK and JL; the limits of 34 and 75 days leave
    room around a month and three months and are our own.

Known false positives
    Suppliers who write the order's dates into the span. A supply for two months, for which there
    is no modifier.
"""

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import words
from claim_audit.rules.families import INSULIN
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-11",
    name="modifiers.duration-against-span",
    title="JK or JL does not fit the span",
    severity="warning",
    codes=INSULIN,
    lines_of_business=("medicare_ffs",),
    reads=("payer", "service_from_date", "service_to_date"),
    needs=("modifier_1",),
    uses=MODIFIERS,
    params={"jk_days": 34, "jl_days": 75},
    source=Source("CMS article A52507; meanings of JK and JL", "2026-09-12"),
)


@RULE.line
def duration_against_span(line: Line, p: Params) -> Finding:
    span = line.span_days
    too_long = line.has_modifier("JK") & (span > p.jk_days)
    too_short = line.has_modifier("JL") & (span <= p.jl_days)
    return Finding(
        population=(line.has_modifier("JK", "JL") & (span > 1).fill_null(True))
        | ~line.maps("modifier_1"),
        violation=too_long | too_short,
        message=pl.when(too_long)
        .then(pl.lit("JK stands for a month or less, and the dates span more"))
        .otherwise(pl.lit("JL stands for three months, and the dates span less")),
        observed=pl.format("{}; {} days", words.modifiers(), span),
        expected=f"JK up to {p.jk_days} days, JL above {p.jl_days} days",
        suggestion=pl.when(too_long & (span > p.jl_days))
        .then(pl.lit("JL"))
        .when(too_short & (span <= p.jk_days))
        .then(pl.lit("JK")),
    )

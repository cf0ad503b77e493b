"""The span is longer than three months.

What it checks
    From the first to the last date of service, both counted, there are no more days than the
    policy row allows for the code and payer: 92.

Why it matters
    No more than a three-month supply may be dispensed at a time; Medicare denies what goes
    beyond. Elsewhere a longer span is most often a mistyped date.

Example
    A4224 from 2024-01-01 to 2024-06-30.

Source
    LCD L33794; the rows with topic `dispense_limit` of the payer policies.

Known false positives
    Plans other than Original Medicare that allow a longer supply.
"""

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line
from claim_audit.rules.policies import Policies

RULE = Rule(
    id="DT-07",
    name="dates.span-over-three-months",
    title="Span longer than three months",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "service_to_date"),
    tables=("payer_policies",),
    source=Source("LCD L33794"),
)


@RULE.line
def span_over_three_months(line: Line, p: Params) -> Finding:
    limits = Policies.of_rule(line, "payer_policies", RULE.id)
    most = limits.value(lambda row: int(row["value"]), pl.Int32)
    return Finding(
        population=limits.bind,
        violation=line.span_days > most,
        message="the span of the line is longer than three months",
        observed=pl.format(
            "{} days, {} to {}", line.span_days, "service_from_date", "service_to_date"
        ),
        expected=pl.format("at most {} days", most),
        severity=limits.said("severity"),
        reference=limits.citation,
    )

"""The first date of service lies after the last.

What it checks
    `service_from_date` is on or before `service_to_date`.

Why it matters
    A payer's system rejects a span that ends before it begins.

Example
    From 2024-03-31 to 2024-03-01.

Source
    Own reading.

Known false positives
    None known.
"""

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DT-01",
    name="dates.from-after-to",
    title="First date of service after the last",
    severity="error",
    reads=("service_from_date", "service_to_date"),
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def from_after_to(line: Line, p: Params) -> Finding:
    start, end = pl.col("service_from_date"), pl.col("service_to_date")
    return Finding(
        violation=start > end,
        message="the first date of service lies after the last",
        observed=pl.format("from {} to {}", start, end),
        expected="a first date on or before the last",
        suggestion="check whether the two dates were swapped or the year is wrong",
    )

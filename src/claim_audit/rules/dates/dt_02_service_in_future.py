"""The service lies in the future.

What it checks
    The first date of service is not after the day the claim was received, the day it was paid,
    or the as-of date of the audit.

Why it matters
    Nothing can be billed before it was furnished; a date that lies ahead is mistyped, most often
    in the year.

Example
    From 2025-07-15 on a claim that was received 2024-07-20.

Source
    Own reading.

Known false positives
    None known. An as-of date that is set too early makes later lines look as if they lay ahead.
"""

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of

RULE = Rule(
    id="DT-02",
    name="dates.service-in-future",
    title="Service lies in the future",
    severity="error",
    reads=("service_from_date",),
    uses=("received_date", "paid_date"),
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def service_in_future(line: Line, p: Params) -> Finding:
    start = pl.col("service_from_date")
    bounds = {
        "received": pl.col("received_date"),
        "paid": pl.col("paid_date"),
        "as of": pl.lit(line.profile.as_of),
    }
    after = {name: (start > day).fill_null(False) for name, day in bounds.items()}
    broken = words.those(
        (after[name], pl.format(name + " {}", day)) for name, day in bounds.items()
    )
    return Finding(
        violation=any_of(after.values()),
        message="the first date of service lies in the future",
        observed=pl.format("from {}, {}", start, broken),
        expected="a first date no later than receipt, payment and the audit",
    )

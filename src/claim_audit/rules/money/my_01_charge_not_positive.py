"""The charge is not above zero.

What it checks
    On an original line the charge is above zero.

Why it matters
    A line without a charge is rejected; a negative charge on an original claim is a reversal
    that was not marked as one.

Example
    A4231, 30 units, charge 0.00.

Source
    Own reading.

Known false positives
    Extracts that write replacements and voids without a frequency code, and items furnished
    without charge.
"""

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MY-01",
    name="money.charge-not-positive",
    title="Charge not above zero",
    severity="error",
    reads=("charge_amount",),
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def charge_not_positive(line: Line, p: Params) -> Finding:
    charge = pl.col("charge_amount")
    return Finding(
        population=line.is_original,
        violation=charge <= 0,
        message="the charge is not above zero",
        observed=charge.cast(pl.String),
        expected="a charge above 0.00",
    )

"""Units are not a positive whole number.

What it checks
    On an original line the billed units are above zero and whole.

Why it matters
    Codes for supplies and drugs are billed in whole units of service. Zero, negative or
    fractional units are returned, or stand for a quantity in another unit of measure.

Example
    60.234 units of A4231: a set cannot be split; perhaps an amount slipped into the column.

Source
    The units of measure of the HCPCS descriptors; own reading.

Known false positives
    Extracts that write replacements and voids without a frequency code.
"""

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import ONE_UNIT, Line, steps

RULE = Rule(
    id="UN-01",
    name="units.not-positive-whole",
    title="Units are not a positive whole number",
    severity="error",
    reads=("units",),
    source=Source("units of measure in HCPCS descriptors; own reading", confidence="inference"),
)


@RULE.line
def not_positive_whole(line: Line, p: Params) -> Finding:
    units = steps("units")
    return Finding(
        population=line.is_original,
        violation=(units <= 0) | (units % ONE_UNIT != 0),
        message="billed units are not a positive whole number",
        observed=words.number(pl.col("units")),
        expected="a whole number above 0",
    )

"""The line has no diagnosis.

What it checks
    Where the file has a column for diagnoses, at least one diagnosis stands on the line: its own
    or one of the claim.

Why it matters
    A professional claim line must point to a diagnosis; without one the claim is rejected before
    it is read.

Example
    Every diagnosis cell of the line is blank.

Source
    X12 837P: diagnosis code pointer, SV107-1, required.

Known false positives
    Extracts that keep the diagnoses of a claim on its first line only.
"""

import polars as pl

from claim_audit.rules.dx import MAPPED
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DX-01",
    name="diagnosis.missing",
    title="No diagnosis on the line",
    severity="error",
    needs=(MAPPED,),
    source=Source("X12 837P, SV107-1 diagnosis code pointer, required"),
)


@RULE.line
def missing(line: Line, p: Params) -> Finding:
    return Finding(
        violation=~pl.col("dx_any"),
        message="the line has no diagnosis, neither its own nor one of the claim",
        observed="no diagnosis",
        expected="at least one diagnosis",
    )

"""The only diagnosis is a status.

What it checks
    The diagnoses of a line for an insulin pump, its supplies or pump insulin are not just Z79.4
    (long-term insulin) or Z96.41 (a pump is present). Judged are those the line points to, else
    all it has. DX-03 reports the same line, since no diabetes stands on it; here stands why.

Why it matters
    A status code says how the member is treated, not what for. Payers want the diabetes in front
    of it.

Example
    A4231 with Z79.4 and Z96.41.

Source
    CMS article A52507: neither code is in the covered group 1.

Known false positives
    Extracts that keep one diagnosis of a claim, and not the first.
"""

import polars as pl

from claim_audit.rules import dx
from claim_audit.rules.dx import Dx
from claim_audit.rules.families import PUMP_THERAPY
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DX-05",
    name="diagnosis.status-only",
    title="Only a status code",
    severity="warning",
    codes=PUMP_THERAPY,
    reads=("service_from_date",),
    needs=(dx.MAPPED,),
    dos_from=dx.ICD_10_FROM,
    source=Source("CMS article A52507, covered diagnoses group 1", "2026-09-12"),
)


@RULE.line
def status_only(line: Line, p: Params) -> Finding:
    return Finding(
        population=pl.col("dx_any"),
        violation=~(Dx.DIABETES | Dx.PREGNANCY_DIABETES | Dx.OTHER).on(),
        message="the only diagnosis of the line is a status, Z79.4 or Z96.41",
        observed=dx.codes(),
        expected="the diabetes that is treated, then the status",
        suggestion="put the diabetes diagnosis first and point the line to it",
    )

"""Pump therapy without a diagnosis of diabetes.

What it checks
    A line for an insulin pump, its supplies or pump insulin bears a diagnosis that begins with
    E08 to E13 or O24: among those the line points to, else among all it has. A line without any
    diagnosis is the matter of DX-01.

Why it matters
    Medicare covers the pump for diabetes only, and so do the plans: the line is denied.

Example
    A4224 with I10 alone; J1817 with Z79.4 alone (DX-05 says more about that).

Source
    CMS article A52507, covered diagnoses, group 1: E08 to E13.

Known false positives
    Extracts that keep only the first diagnosis of a claim. Diabetes in ICD-9 codes (DX-02).
"""

import polars as pl

from claim_audit.rules import dx
from claim_audit.rules.dx import Dx
from claim_audit.rules.families import PUMP_THERAPY
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DX-03",
    name="diagnosis.no-diabetes",
    title="No diabetes diagnosis",
    severity="error",
    codes=PUMP_THERAPY,
    reads=("service_from_date",),
    needs=(dx.MAPPED,),
    dos_from=dx.ICD_10_FROM,
    source=Source("CMS article A52507, covered diagnoses group 1", "2026-09-12"),
)


@RULE.line
def no_diabetes(line: Line, p: Params) -> Finding:
    return Finding(
        population=pl.col("dx_any"),
        violation=~(Dx.DIABETES | Dx.PREGNANCY_DIABETES).on(),
        severity=line.medicare_else("error", "warning"),
        message="no diagnosis of the line is a diabetes",
        observed=dx.codes(),
        expected="a diagnosis of E08 to E13 or O24",
    )

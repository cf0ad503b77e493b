"""The diabetes diagnosis is not on Medicare's list.

What it checks
    A Medicare line for an insulin pump, its supplies or pump insulin has a diabetes diagnosis
    (E08 to E13, O24), but none that Medicare's article on pumps lists. O24 alone is not enough.
    Judged are the diagnoses the line points to, else all it has.

Why it matters
    The contractors pay the pump for the listed codes only.

Example
    E11.10 (with ketoacidosis), E10.A0 (presymptomatic), E11.A (in remission), O24.414 alone.

Source
    CMS article A52507, covered diagnoses, group 1 (426 codes).

Known false positives
    Codes added to the article after the edition of the table.
"""

import polars as pl

from claim_audit.rules import dx
from claim_audit.rules.dx import Dx
from claim_audit.rules.families import PUMP_THERAPY
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DX-04",
    name="diagnosis.not-on-medicare-list",
    title="Diabetes code is not on the Medicare list",
    severity="warning",
    codes=PUMP_THERAPY,
    lines_of_business=("medicare_ffs",),
    reads=("payer", "service_from_date"),
    needs=(dx.MAPPED,),
    tables=("diagnosis_support",),
    dos_from=dx.ICD_10_FROM,
    source=Source("CMS article A52507, covered diagnoses group 1", "2026-09-12"),
)


@RULE.line
def not_on_medicare_list(line: Line, p: Params) -> Finding:
    return Finding(
        population=(Dx.DIABETES | Dx.PREGNANCY_DIABETES).on(),
        violation=~Dx.MEDICARE_LISTED.on(),
        message=pl.when(Dx.DIABETES.on())
        .then(pl.lit("no diabetes diagnosis of the line is on Medicare's list for pumps"))
        .otherwise(pl.lit("diabetes in pregnancy alone is not on Medicare's list for pumps")),
        observed=dx.codes(),
        expected="a listed code of E08 to E13",
        reference=pl.lit(f"diagnosis_support {line.reference['diagnosis_support'].release}"),
    )

"""A diagnosis does not look like ICD-10-CM.

What it checks
    For dates of service from 2015-10-01, every diagnosis cell of the line: a letter, a digit, a
    letter or digit, then at most four more behind an optional dot. An ICD-9 code, or a diagnosis
    version that says ICD-9, is an error like any other shape. Codes with and without the dot
    mixed on one line are a warning. Earlier dates are not looked at: ICD-9 was right then.

Why it matters
    A code of the wrong version or shape is rejected; where it is not, no rule on diagnoses can
    see what it means. Dots come and go when cells from two systems are put together.

Example
    250.01 on 2024-03-01; E10-65; E10.65 beside Z794.

Source
    Shape of ICD-10-CM codes; ICD-10 from 2015-10-01 on, 45 CFR 162.1002. Own reading.

Known false positives
    ICD-9 codes beginning with E or V that happen to have the shape of an ICD-10-CM code pass.
"""

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, SHAPES
from claim_audit.rules.dx import ICD_10_FROM, MAPPED, Dx
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DX-02",
    name="diagnosis.syntax-or-version",
    title="Diagnosis is not in the form of ICD-10-CM",
    severity="error",
    reads=("service_from_date",),
    needs=(MAPPED,),
    uses=(*DIAGNOSES, "icd_version"),
    dos_from=ICD_10_FROM,
    source=Source("shape of ICD-10-CM codes, 45 CFR 162.1002; own reading", confidence="inference"),
)

ICD_9 = ("9", "ICD9", "ICD-9", "ICD9CM", "ICD9-CM", "ICD-9-CM")
"""What an extract writes as the diagnosis version for ICD-9-CM."""
EVERY = "dx_all_flags"


@RULE.line
def syntax_or_version(line: Line, p: Params) -> Finding:
    misshapen = Dx.MISSHAPEN.on(EVERY)
    old_version = line.among("icd_version", ICD_9)
    mixed = Dx.DOTTED.on(EVERY) & Dx.UNDOTTED_LONG.on(EVERY)
    wrong = {name: ~SHAPES["icd-10-cm"](pl.col(name)) for name in DIAGNOSES}
    long = {name: pl.col(name).str.len_bytes() > 3 for name in DIAGNOSES}
    shown = [
        pl.when(pl.when(misshapen).then(wrong[name]).otherwise(~old_version & long[name])).then(
            pl.format(name + " {}", name)
        )
        for name in DIAGNOSES
    ]
    version = pl.when(old_version).then(pl.format("icd_version {}", "icd_version"))
    return Finding(
        population=pl.col("dx_any"),
        violation=misshapen | old_version | mixed,
        severity=pl.when(misshapen | old_version)
        .then(pl.lit("error"))
        .otherwise(pl.lit("warning")),
        message=pl.when(Dx.ICD_9_STYLE.on(EVERY))
        .then(pl.lit("an ICD-9 diagnosis stands on a date of service that takes ICD-10-CM"))
        .when(misshapen)
        .then(pl.lit("a diagnosis does not have the form of ICD-10-CM"))
        .when(old_version)
        .then(pl.lit("the diagnosis version says ICD-9 on a date that takes ICD-10-CM"))
        .otherwise(pl.lit("diagnoses with and without the dot are mixed on the line")),
        observed=pl.concat_str([*shown, version], separator=", ", ignore_nulls=True),
        expected=pl.when(misshapen | old_version)
        .then(pl.lit("ICD-10-CM codes such as E10.65"))
        .otherwise(pl.lit("all with the dot, or all without")),
    )

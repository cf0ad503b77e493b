"""The medically unlikely edit (MUE) of the code is zero in this setting.

What it checks
    The MUE of the code in the edition of the claim's setting and in the quarter of the date of
    service is zero: not one unit is taken on such a claim. Voids are left out. Which table
    speaks, and what happens outside its quarter, is as in UN-02.

Why it matters
    The line is denied whatever its units are. The code is right in another setting, or another
    code is right in this one.

Example
    A4231 from a DME supplier to Medicare; J1817 on a practitioner's claim.

Source
    CMS, NCCI MUE files, 2024Q3: DME suppliers have 0 for A4230, A4231, A4232 and J1815,
    practitioners and outpatient hospitals for J1817.

Known false positives
    A value that changed since the quarter of the table; an extract that does not say in which
    setting a claim was billed, which is then taken for a DME supplier's.
"""

import polars as pl

from claim_audit.rules import mue
from claim_audit.rules.families import INSULIN, SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import VOID, Line

RULE = Rule(
    id="UN-03",
    name="units.mue-zero",
    title="MUE is zero in this setting",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "payer"),
    tables=("mue",),
    source=Source("CMS NCCI MUE files: DME, practitioner, outpatient hospital", "2024Q3"),
)


@RULE.line
def mue_zero(line: Line, p: Params) -> Finding:
    limit, supplier = pl.col("mue_value"), pl.col("setting") == "dme"
    void = line.among("claim_frequency_code", (VOID,))
    instead = {
        "bill A4224, one unit a week; it holds the sets": supplier & line.code_in(*SETS),
        "bill A4225 for the reservoirs": supplier & line.code_in("A4232"),
        "insulin for the pump is J1817, per 50 insulin units": supplier & line.code_in("J1815"),
        "the DME supplier bills insulin for the pump": ~supplier & line.code_in(*INSULIN),
    }
    return Finding(
        population=pl.col("hcpcs_code").is_not_null() & ~void,
        no_reference=limit.is_null(),
        violation=limit == 0,
        severity=mue.severity(line),
        message="the code is not taken in the setting of this claim",
        observed=pl.format("{} in setting {}", "hcpcs_code", "setting"),
        expected="another setting or another code (MUE 0)",
        suggestion=pl.coalesce(pl.when(fits).then(pl.lit(text)) for text, fits in instead.items()),
        reference=mue.citation(),
    )

"""More units than the medically unlikely edit (MUE) takes.

What it checks
    The billed units against the MUE of the code in the edition of the claim's setting (DME
    supplier, practitioner, outpatient hospital) and in the quarter of the date of service. An
    edit with indicator (MAI) 1 is held against each line alone. With 2 or 3 it is held against
    the day: the units of the member, supplier, code, setting and payer on one first date of
    service are added up over lines and claims, voided and replaced lines left out. Then each of
    those lines is an exception, because the payer denies the units of the whole day and not those
    above the limit. A span of dates is not divided into days: a supply for three months stands on
    the day it begins.

    The table in the package is that of the third quarter of 2024 for Medicare. On a later date
    its value stands in for the current one and the finding is a warning; load the current file
    with `--reference`. On an earlier date, for a code without an edit and for a payer without a
    table there is no reference. A line without member number or billing NPI cannot be added up: it
    fails if it is above the limit by itself, else it is not evaluated.

Why it matters
    Units above the MUE are denied before anybody looks at the claim. MAI 2 cannot be overridden;
    with MAI 3 more is paid on review if the records support it.

Example
    300 units of J1817 from a DME supplier in August 2024; the MUE is 270 (MAI 3).

Source
    CMS, NCCI MUE files, 2024Q3; NCCI policy manual on MUE adjudication indicators.

Known false positives
    A value that changed since the quarter of the table. Payers other than Medicare and Medicaid
    need not follow a table that a user loads for them: they get a warning.
"""

import polars as pl
import polars.selectors as cs

from claim_audit.rules import mue, words
from claim_audit.rules.form import WITNESSES, Finding, MemberFinding, Params, Rule, Source
from claim_audit.rules.line import ONE_UNIT, Line, steps

RULE = Rule(
    id="UN-02",
    name="units.above-mue",
    title="Units above the MUE",
    severity="error",
    reads=("hcpcs_code", "units", "service_from_date", "payer"),
    uses=("member", "billing_npi", "setting", "same_day", *mue.KEYS),
    tables=("mue",),
    source=Source("CMS NCCI MUE files: DME, practitioner, outpatient hospital", "2024Q3"),
)

DAY = (
    "member_key",
    "billing_npi",
    "hcpcs_code",
    "service_from_date",
    "setting",
    "payer",
    "mue_value",
    "mue_mai",
)
LIMIT, MAI, UNITS = pl.col("mue_value"), pl.col("mue_mai"), pl.col("units")
ABOVE = steps("units") > LIMIT.cast(pl.Int64) * ONE_UNIT
SUMMED = pl.col("member").is_not_null() & pl.col("billing_npi").is_not_null()


@RULE.line
def line_above_mue(line: Line, p: Params) -> Finding:
    per_line = MAI == mue.PER_LINE
    return Finding(
        population=line.present("hcpcs_code")
        & (LIMIT.is_null() | ((LIMIT > 0) & (per_line | ~SUMMED))),
        no_reference=LIMIT.is_null(),
        violation=pl.when(per_line | ABOVE).then(ABOVE),
        severity=mue.severity(line),
        message="the line has more units than the MUE of the code",
        observed=pl.format("{} units", words.number(UNITS)),
        expected=mue.limit(),
        reference=mue.citation(),
    )


@RULE.member
def day_above_mue(line: Line, p: Params) -> MemberFinding:
    look_up = mue.look_up(line)

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        counted = lines.select("line_id", "units", "same_day", *mue.KEYS, *DAY)
        suspects = counted.filter(pl.col("same_day") | ABOVE)
        days = (
            suspects.group_by(DAY).agg(UNITS.sum().alias("of_day")).filter(pl.col("of_day") > LIMIT)
        )
        billed = suspects.filter(UNITS > 0).join(days, on=DAY)
        units, count = words.number(pl.col("of_day")), pl.col("count")
        together = billed.group_by(DAY).agg(
            pl.len().alias("count"), pl.col("line_id").bottom_k(WITNESSES).alias("related")
        )
        above = billed.join(together, on=DAY).drop(cs.starts_with("mue_"))
        return look_up(above).select(
            "line_id",
            mue.severity(line).alias("severity"),
            pl.lit("the units of the day of service exceed the MUE of the code").alias("message"),
            pl.when(count > 1)
            .then(pl.format("{} units on {} lines of the day", units, count))
            .otherwise(pl.format("{} units", units))
            .alias("observed"),
            mue.limit().alias("expected"),
            mue.citation().alias("reference"),
            pl.when(count > 1)
            .then(pl.col("related").list.set_difference(pl.concat_list("line_id")))
            .alias("related"),
        )

    return MemberFinding(find=find, population=(LIMIT > 0) & MAI.is_in([*mue.PER_DAY]) & SUMMED)

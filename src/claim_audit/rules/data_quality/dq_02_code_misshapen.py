"""The procedure code does not have the shape of a code.

What it checks
    A code is a letter and four digits (HCPCS Level II), or four digits and a digit or letter
    (CPT). Letters that look like digits (O, I and L for 0, 1 and 1) are put right where that
    gives a code of the loaded HCPCS list, and the result is suggested.

Why it matters
    A code of another shape is rejected before anything else is read.

Example
    A423I, typed with the letter I: A4231 is suggested.

Source
    The shapes of HCPCS Level II and CPT codes; own reading.

Known false positives
    Local codes and revenue codes written into the code column.
"""

import polars as pl

from claim_audit.contract.claim_line import SHAPES
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DQ-02",
    name="data-quality.code-misshapen",
    title="Code does not have the shape of a HCPCS or CPT code",
    severity="error",
    reads=("hcpcs_code",),
    tables=("hcpcs",),
    source=Source("shapes of HCPCS and CPT codes; own reading", confidence="inference"),
)

LOOKS_LIKE = {"O": "0", "I": "1", "L": "1"}


@RULE.line
def code_misshapen(line: Line, p: Params) -> Finding:
    code, listed = pl.col("hcpcs_code"), line.reference["hcpcs"].frame["hcpcs_code"]
    codes = line.profile.values.get(code.meta.output_name(), pl.Series([], dtype=pl.String))
    misshapen = codes.alias("hcpcs_code").to_frame().filter(~SHAPES["hcpcs"](code))
    repaired = misshapen.with_columns(
        pl.concat_str(code.str.slice(0, 1), code.str.slice(1).str.replace_many(LOOKS_LIKE)).alias(
            "repaired"
        )
    ).filter(pl.col("repaired").is_in(listed.implode()))
    return Finding(
        violation=line.among("hcpcs_code", misshapen["hcpcs_code"]),
        message="the code does not have the shape of a HCPCS or CPT code",
        observed=code,
        expected="a letter and four digits, or four digits and a digit or letter",
        suggestion=code.replace_strict(
            repaired["hcpcs_code"], repaired["repaired"], default=None, return_dtype=pl.String
        ),
    )

"""The code was not in force on the date of service.

What it checks
    The first date of service lies between the day the code began and the day it ended. A code
    that the loaded HCPCS list does not know is `no_reference`.

Why it matters
    A code before its first or after its last day is rejected; the service has to be billed with
    the code of its day.

Example
    K0553 in 2023: it ended on 2022-12-31, and A4239 took its place.

Source
    CMS HCPCS Level II file, 2026-01, dates of addition and termination.

Known false positives
    None known.
"""

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="CD-02",
    name="codes.not-in-force",
    title="Code was not in force on the date of service",
    severity="error",
    reads=("hcpcs_code", "service_from_date"),
    tables=("hcpcs",),
    source=Source("CMS HCPCS Level II file", "2026-01"),
)

SUCCESSORS = {"K0553": "A4239", "K0554": "E2103"}
"""Codes that ended on 2022-12-31, and what took their place."""


@RULE.line
def not_in_force(line: Line, p: Params) -> Finding:
    ended = pl.col("service_from_date") > pl.col("code_valid_to")
    return Finding(
        no_reference=~pl.col("code_known"),
        violation=~pl.col("code_in_force"),
        message=pl.when(ended)
        .then(pl.lit("the code had ended by the date of service"))
        .otherwise(pl.lit("the code did not exist yet on the date of service")),
        observed=pl.format("{} on {}", "hcpcs_code", words.day(pl.col("service_from_date"))),
        expected=pl.format(
            "a date from {} to {}",
            words.day(pl.col("code_valid_from")),
            words.day(pl.col("code_valid_to")),
        ),
        suggestion=pl.when(ended).then(
            pl.col("hcpcs_code").replace_strict(SUCCESSORS, default=None, return_dtype=pl.String)
        ),
        reference=words.interval("hcpcs", "code_"),
    )

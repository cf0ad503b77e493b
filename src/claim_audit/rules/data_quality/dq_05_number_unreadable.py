"""A number cannot be read.

What it checks
    Units, amounts, quantities and other numbers are numbers, and no longer than their field
    holds. Units that are blank beside a charge count too.

Why it matters
    A line without readable units cannot be priced. Unreadable units or charges are errors, other
    unreadable numbers warnings.

Example
    Units "3 bx"; units "NaN"; an amount of "12,34".

Source
    Own reading.

Known false positives
    Extracts that write a word such as "none" where they mean a blank.
"""

import polars as pl

from claim_audit.contract.claim_line import NUMBERS
from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of

RULE = Rule(
    id="DQ-05",
    name="data-quality.number-unreadable",
    title="Number cannot be read",
    severity="error",
    needs=("|".join(NUMBERS),),
    uses=NUMBERS,
    source=Source("own reading", confidence="inference"),
)

GRAVE = ("units", "charge_amount")
"""A claim cannot go without these."""


@RULE.line
def number_unreadable(line: Line, p: Params) -> Finding:
    fields = sorted(line.profile.mapped.intersection(NUMBERS), key=(*GRAVE, *NUMBERS).index)
    unread = {field: line.raw(field) for field in fields}
    charged = (pl.col("charge_amount") > 0).fill_null(False)
    blank = pl.col("units").is_null() & line.raw("units").is_null()
    without_units = line.maps("units") & blank & charged
    blank_units = {"units": pl.when(without_units).then(pl.lit("blank beside a charge"))}
    shown = {
        field: pl.coalesce(raw, blank_units[field]) if field in blank_units else raw
        for field, raw in unread.items()
    }
    grave = without_units | any_of(unread[f].is_not_null() for f in GRAVE if f in unread)
    return Finding(
        population=any_of(pl.col(f).is_not_null() | unread[f].is_not_null() for f in fields),
        violation=without_units | any_of(raw.is_not_null() for raw in unread.values()),
        severity=pl.when(grave).then(pl.lit("error")).otherwise(pl.lit("warning")),
        message="a number is missing beside a charge, or cannot be read",
        observed=words.cells(shown),
        expected="digits with at most one decimal point",
    )

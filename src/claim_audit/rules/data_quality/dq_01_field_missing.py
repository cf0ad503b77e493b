"""A required field is blank.

What it checks
    The line has a code, units, a first date of service, a payer name, a charge, and a member or
    person number. A field that the line's file does not have at all is left out; a cell that
    holds something unreadable is the matter of DQ-05 and DQ-06.

Why it matters
    A claim cannot be sent without these, and most other rules cannot judge a line that lacks one.

Example
    A4231 on 2024-03-01 with no units.

Source
    Elements that the 837P requires, as the pyx12 map lists them.

Known false positives
    Extracts that blank a field on purpose, such as the charge on encounter records.
"""

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of

REQUIRED = ("hcpcs_code", "units", "service_from_date", "payer_name", "charge_amount")

RULE = Rule(
    id="DQ-01",
    name="data-quality.field-missing",
    title="Required field is blank",
    severity="error",
    uses=(*REQUIRED, "member_id", "person_id"),
    source=Source("837P required elements (pyx12 map)"),
)


def is_blank(line: Line, field: str) -> pl.Expr:
    """Whether the cell is empty; one that could not be read is not."""
    return pl.col(field).is_null() & line.raw(field).is_null()


@RULE.line
def field_missing(line: Line, p: Params) -> Finding:
    missing = {field: line.maps(field) & is_blank(line, field) for field in REQUIRED}
    missing["member_id"] = (
        (line.maps("member_id") | line.maps("person_id"))
        & is_blank(line, "member_id")
        & is_blank(line, "person_id")
    )
    return Finding(
        violation=any_of(missing.values()),
        message="a required field is blank",
        observed=words.those((gone, pl.lit(name)) for name, gone in missing.items()),
        expected="a value in every required field",
    )

"""The place of service is missing or does not exist.

What it checks
    Where the file has the column, it holds two digits that CMS has assigned to a place. A blank
    on an institutional line is left out: those claims have a type of bill instead.

Why it matters
    A professional claim line needs a place of service; without a valid one it is rejected.

Example
    Blank; `9`, which has lost its zero (DQ-04 reports that too); 28, which stands for no place.

Source
    CMS place of service code set, 2024-06.

Known false positives
    Institutional lines in an extract that does not say so.
"""

import polars as pl

from claim_audit.contract.claim_line import SHAPES
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="PS-01",
    name="place-of-service.missing-or-unassigned",
    title="Place of service is missing or unassigned",
    severity="error",
    needs=("place_of_service",),
    tables=("places_of_service",),
    source=Source("CMS place of service code set", "2024-06"),
)


@RULE.line
def missing_or_unassigned(line: Line, p: Params) -> Finding:
    place = pl.col("place_of_service")
    professional = pl.col("setting") != "outpatient_hospital"
    table = line.reference["places_of_service"]
    return Finding(
        population=place.is_not_null() | professional,
        violation=~pl.col("pos_assigned").fill_null(False),
        message=pl.when(place.is_null())
        .then(pl.lit("the place of service is blank"))
        .when(~SHAPES["place-of-service"](place))
        .then(pl.lit("the place of service is not two digits"))
        .otherwise(pl.lit("the place of service is a number that is not assigned")),
        observed=place.fill_null("blank"),
        expected="an assigned place of service of two digits",
        reference=pl.lit(f"places_of_service {table.release}"),
    )

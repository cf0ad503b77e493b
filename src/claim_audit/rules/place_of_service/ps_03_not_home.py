"""Medicare does not take the place of service as home.

What it checks
    A Medicare line for durable medical equipment, a supply or a drug used with it has a place of
    service that the DME contractors treat as home: 01, 04, 09, 12, 13, 14, 27, 33, 54, 55, 56.
    Which codes are meant: as in PS-02. A hospital or nursing facility is no home either: such a
    line is reported here as well as, graver, by PS-02.

Why it matters
    Medicare covers equipment for use in the home; elsewhere the line is denied.

Example
    E0110 with place of service 23 (emergency room); A4224 with 11 (office).

Source
    Noridian JA, DME place of service page.

Known false positives
    Suppliers who write where the item was handed over instead of where it is used. 65 for
    parenteral nutrition.
"""

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="PS-03",
    name="place-of-service.not-home",
    title="Place of service is not a home to Medicare",
    severity="warning",
    lines_of_business=("medicare_ffs",),
    reads=("hcpcs_code", "place_of_service", "payer"),
    tables=("places_of_service", "hcpcs"),
    source=Source("Noridian JA, DME place of service page"),
)


@RULE.line
def not_home(line: Line, p: Params) -> Finding:
    table = line.reference["places_of_service"]
    homes = table.frame.filter("medicare_dme_home")["place_of_service"].unique().sort()
    return Finding(
        population=line.dme,
        violation=~pl.col("pos_home"),
        message="Medicare does not take this place of service as a home",
        observed=pl.col("place_of_service"),
        expected=f"one of {' '.join(homes)}",
        reference=pl.lit(f"places_of_service {table.release}"),
    )

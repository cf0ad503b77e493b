"""Equipment is billed for use in a hospital or nursing facility.

What it checks
    A line for durable medical equipment, a supply or a drug used with it does not have place of
    service 21 (inpatient hospital), 51 (inpatient psychiatric), 61 (inpatient rehabilitation),
    31 (skilled nursing) or 32 (nursing facility). Which codes are meant: those around the pump,
    HCPCS codes that begin with E or K, and codes whose price indicator says equipment; not
    dressings, ostomy supplies, orthotics, prosthetics or nutrition.

Why it matters
    For Medicare these places are not a home, where the benefit wants equipment to be used; the
    facility's own payment holds it. PS-03 reports the line to Medicare too, by its list of homes.

Example
    A4224 with place of service 31.

Source
    Noridian JA, DME place of service page; 42 CFR 410.38.

Known false positives
    Equipment fitted in the facility within two days before going home, and billed with the
    facility as place. The IV pole for nutrition (E0776 with BA) in a nursing facility.
"""

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="PS-02",
    name="place-of-service.hospital-or-nursing-facility",
    title="Equipment in a hospital or nursing facility",
    severity="error",
    reads=("hcpcs_code", "place_of_service"),
    tables=("places_of_service", "hcpcs"),
    params={"places": ("21", "31", "32", "51", "61")},
    source=Source("Noridian JA, DME place of service page; 42 CFR 410.38"),
)


@RULE.line
def hospital_or_nursing_facility(line: Line, p: Params) -> Finding:
    place, known = pl.col("place_of_service"), pl.col("pos_assigned").is_not_null()
    return Finding(
        population=line.dme,
        violation=pl.when(known).then(line.among("place_of_service", p.places)),
        severity=line.medicare_else("error", "warning"),
        message="equipment is billed for use in a hospital or nursing facility",
        observed=place,
        expected="the place where the item is used, home in most cases (12)",
    )

"""An NPI does not hold.

What it checks
    Billing, ordering and rendering NPI are ten digits that begin with 1 or 2 and pass the
    Luhn check behind the prefix 80840.

Why it matters
    A claim with an NPI that does not exist is rejected before it is read.

Example
    1234567890 fails; 1234567893 passes.

Source
    NPI check digit standard (ISO 7812 Luhn with prefix 80840).

Known false positives
    De-identified extracts in which NPIs are replaced by other numbers.
"""

import polars as pl

from claim_audit.contract.claim_line import NPIS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of

RULE = Rule(
    id="ID-01",
    name="identifiers.npi-invalid",
    title="NPI fails its check digit",
    severity="warning",
    needs=("|".join(NPIS),),
    uses=NPIS,
    source=Source("NPI check digit standard (Luhn, prefix 80840)", confidence="memory"),
)


@RULE.line
def npi_invalid(line: Line, p: Params) -> Finding:
    broken = {npi: (~pl.col(f"{npi}_valid")).fill_null(False) for npi in NPIS}
    named = [pl.when(bad).then(pl.format(npi + " {}", npi)) for npi, bad in broken.items()]
    return Finding(
        population=any_of(pl.col(npi).is_not_null() for npi in NPIS),
        violation=any_of(broken.values()),
        message="an NPI on the line fails its shape or check digit",
        observed=pl.concat_str(named, separator=", ", ignore_nulls=True),
        expected="ten digits beginning with 1 or 2, Luhn-valid behind 80840",
    )

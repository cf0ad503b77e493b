"""Single insulin units were billed on a code per 50.

What it checks
    As billed the dose is above 300 insulin units a day; if every billed unit were one insulin
    unit it would be 10 to 200 a day. The suggestion is the units ÷ 50. A multiple of 50, 100 or
    1000 makes it the more likely, and is named. Where units of 5 insulin units would explain the
    line as well (UN-08), both repairs are named, first the one closer to the member's usual dose.

Why it matters
    The line claims fifty times what was delivered. If it is paid, it is an overpayment; mostly
    it is denied as above the MUE.

Example
    5000 units of J1817 over 90 days: 2,778 insulin units a day as billed, 55.6 if single insulin
    units were counted. To be billed: 100 units.

Source
    HCPCS descriptor of J1817 (per 50 units); NCCI MUE of 270, 2024Q3; thresholds own.

Known false positives
    None known. The dose hangs on the days of supply; how these are known is named.
"""

import polars as pl

from claim_audit.rules import candidates
from claim_audit.rules.candidates import FIVE_INSULIN_UNITS, SINGLE_INSULIN_UNITS
from claim_audit.rules.daily import INSULIN_USE, UNITS
from claim_audit.rules.families import INSULIN
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-04",
    name="units.single-insulin-units",
    title="Single insulin units billed on a code per 50",
    severity="error",
    codes=INSULIN,
    reads=("units", "days"),
    uses=("days_source",),
    params=SINGLE_INSULIN_UNITS.limits,
    source=Source("HCPCS descriptor of J1817; NCCI MUE, DME edition: J1817 270 units", "2024Q3"),
    superseded=True,
)


@RULE.member
def single_insulin_units(line: Line, p: Params) -> MemberFinding:
    round_number = pl.coalesce(
        pl.when(UNITS % number == 0).then(pl.lit(f"; a multiple of {number}"))
        for number in (1000, 100, 50)
    )
    return candidates.insulin_finding(
        SINGLE_INSULIN_UNITS.within(p),
        FIVE_INSULIN_UNITS,
        message="the units look like single insulin units, not units of 50",
        observed=pl.concat_str(INSULIN_USE.in_words, round_number, ignore_nulls=True),
    )

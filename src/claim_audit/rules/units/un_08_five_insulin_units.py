"""Units of 5 insulin units were billed on a code per 50.

What it checks
    As billed the dose is above 300 insulin units a day; if every billed unit were 5 insulin units
    it would be 10 to 150 a day. The suggestion is the units ÷ 10. Where single insulin units would
    explain the line as well (UN-04), both repairs are named, first the one closer to the member's
    usual dose.

Why it matters
    Injected insulin (J1815) is billed per 5 units; who carries that over to pump insulin bills
    ten times too much.

Example
    800 units of J1817 over 90 days: 444 insulin units a day as billed, 44.4 if counted by five.
    To be billed: 80 units.

Source
    HCPCS descriptors of J1815 (per 5 units) and J1817 (per 50 units); thresholds own.

Known false positives
    None known. The dose hangs on the days of supply; how these are known is named.
"""

from claim_audit.rules import candidates
from claim_audit.rules.candidates import FIVE_INSULIN_UNITS, SINGLE_INSULIN_UNITS
from claim_audit.rules.daily import INSULIN_USE
from claim_audit.rules.families import INSULIN
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-08",
    name="units.five-insulin-units",
    title="Units of 5 insulin units billed on a code per 50",
    severity="warning",
    codes=INSULIN,
    reads=("units", "days"),
    uses=("days_source",),
    params=FIVE_INSULIN_UNITS.limits,
    source=Source("HCPCS descriptors of J1815 and J1817", "2026-01"),
    superseded=True,
)


@RULE.member
def five_insulin_units(line: Line, p: Params) -> MemberFinding:
    return candidates.insulin_finding(
        FIVE_INSULIN_UNITS.within(p),
        SINGLE_INSULIN_UNITS,
        message="the units look like units of 5 insulin units, not of 50",
        observed=INSULIN_USE.in_words,
    )

"""Vials of insulin were billed as units.

What it checks
    As billed the dose is below 16 insulin units a day; if every billed unit were a 10 mL vial
    (1,000 insulin units) it would be 10 to 150 a day, over at least 28 days of supply. The
    suggestion is the units × 20.

Why it matters
    The supplier is paid a twentieth of what was delivered.

Example
    5 units of J1817 over 90 days: 2.8 insulin units a day as billed, 55.6 if vials were counted.
    To be billed: 100 units.

Source
    A 10 mL vial of U-100 insulin holds 1,000 insulin units, 20 billed units; thresholds own.

Known false positives
    Toddlers; a vial dispensed in part.
"""

from claim_audit.rules import candidates
from claim_audit.rules.candidates import VIALS
from claim_audit.rules.families import INSULIN
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-07",
    name="units.vials",
    title="Vials billed as units",
    severity="warning",
    codes=INSULIN,
    reads=("units", "days"),
    params=VIALS.limits,
    source=Source("own reading: 20 billed units in a 10 mL vial of U-100", confidence="arithmetic"),
)


@RULE.line
def vials(line: Line, p: Params) -> Finding:
    return candidates.finding(VIALS.within(p), "the units look like vials, not units of 50")

"""JL in May or June 2023.

What it checks
    A Medicare line of J1817 with a date of service from 2023-05-01 to 2023-06-30 does not bear
    JL.

Why it matters
    A supply for three months could not be billed before the cap on the member's share came into
    force on 2023-07-01: the line is returned as unprocessable.

Example
    J1817 KX JL on 2023-06-30.

Source
    CMS article A52507; the row `medicare-no-three-months-2023-05` of the modifier policies.

Known false positives
    None known.
"""

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-13",
    name="modifiers.three-months-too-early",
    title="JL in May or June 2023",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "payer"),
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifier_policies",),
    source=Source("CMS article A52507", "2026-09-12"),
)


@RULE.line
def three_months_too_early(line: Line, p: Params) -> Finding:
    return policies.modifier_finding(line, RULE.id)

"""KX, GA or GZ is missing.

What it checks
    A Medicare line for a pump, its supplies or pump insulin bears one of KX, GA, GZ (or GY),
    where the policy row in force on the date of service and the receipt date asks for it.

Why it matters
    The DME contractors reject such a line; nothing is paid until it is sent again.

Example
    J1817 JL without KX.

Source
    CMS article A52507; the rows `medicare-status-*` of the modifier policies.

Known false positives
    Extracts that carry fewer modifier slots than the claim had.
"""

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-07",
    name="modifiers.status-missing",
    title="KX, GA or GZ is missing",
    severity="error",
    reads=("hcpcs_code", "service_from_date"),
    needs=("modifier_1",),
    uses=(*MODIFIERS, "received_date"),
    tables=("modifier_policies",),
    source=Source("CMS article A52507", "2026-09-12"),
)


@RULE.line
def status_missing(line: Line, p: Params) -> Finding:
    return policies.modifier_finding(line, RULE.id)

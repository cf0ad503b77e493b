"""JK and JL stand on one line.

What it checks
    A Medicare line of pump insulin bears JK or JL, not both.

Why it matters
    JK says a supply for one month or less, JL for three months. With both the member's share
    cannot be worked out and the line is returned.

Example
    J1817 KX JK JL.

Source
    CMS HCPCS Level II file, 2026-01: what JK and JL mean; the row `medicare-duration-exclusive`
    of the modifier policies, from 2023-04-01 on (before, neither exists: MD-06).

Known false positives
    None known.
"""

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-10",
    name="modifiers.duration-contradicts",
    title="JK and JL together",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "payer"),
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifier_policies",),
    source=Source("CMS HCPCS Level II file, meanings of JK and JL", "2026-01"),
)


@RULE.line
def duration_contradicts(line: Line, p: Params) -> Finding:
    return policies.modifier_finding(line, RULE.id)

"""KX, GA or GZ is missing.

What it checks
    A Medicare line for a pump, its supplies or pump insulin bears one of KX, GA, GZ (or GY),
    where the policy row in force on the date of service and the receipt date asks for it. For
    the insulin pump and J1817 that is every date; for the other supplies and drugs dates of
    service from 2023-01-01 on claims received from 2023-03-01. Where the receipt date is not
    known the date of service stands for it.

Why it matters
    The DME contractors reject such a line; nothing is paid until it is sent again.

Example
    J1817 JL without KX.

Source
    CMS article A52507; Noridian's article on infusion pump modifiers, 2023; the rows
    `medicare-status-*` of the modifier policies.

Known false positives
    Extracts that carry fewer modifier slots than the claim had.
"""

from dataclasses import replace

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-07",
    name="modifiers.status-missing",
    title="KX, GA or GZ is missing",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "payer"),
    needs=("modifier_1",),
    uses=(*MODIFIERS, "received_date"),
    tables=("modifier_policies",),
    source=Source("CMS article A52507", "2026-09-12"),
)


@RULE.line
def status_missing(line: Line, p: Params) -> Finding:
    return replace(
        policies.modifier_finding(line, RULE.id),
        suggestion="KX where the coverage criteria are met and on file; where a denial is "
        "expected, GA with a signed notice or GZ without one",
    )

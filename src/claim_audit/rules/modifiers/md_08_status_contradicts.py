"""KX, GA, GZ and GY contradict each other on a line.

What it checks
    A Medicare line bears at most one of KX (criteria met), GA (denial expected, notice signed),
    GZ (denial expected, no notice) and GY (never covered).

Why it matters
    The line cannot be processed: who would have to pay is said in two ways.

Example
    A4224 KX GA.

Source
    Noridian JD, DME modifiers page; the row `medicare-status-exclusive` of the modifier
    policies.

Known false positives
    None known.
"""

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-08",
    name="modifiers.status-contradicts",
    title="More than one of KX, GA, GZ, GY",
    severity="error",
    reads=("payer",),
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifier_policies",),
    source=Source("Noridian JD, DME modifiers page"),
)


@RULE.line
def status_contradicts(line: Line, p: Params) -> Finding:
    return policies.modifier_finding(line, RULE.id)

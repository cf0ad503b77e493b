"""A procedure modifier stands on a supply or drug.

What it checks
    Lines of pump supplies and insulin bear no modifier that describes a procedure or who did it:
    22 to 27, 47, 50 to 59, 62, 63, 66, 73, 74, 76 to 82, 90 to 93, 95, TC. The policy row that
    speaks of the modifier says what is wrong with it.

Why it matters
    Editors reject it, or cut the payment as they would for half a procedure.

Example
    A4231 with 52. That is CPT's "reduced service"; some billing guides use it for part of an
    ordered quantity, which the units already say. Both readings are in the message.

Source
    What the CPT and HCPCS modifiers mean (general knowledge), hence a warning; the rows of
    MD-14 in the modifier policies.

Known false positives
    A plan whose own guide asks for one of them on supplies.
"""

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import policies
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="MD-14",
    name="modifiers.procedure-modifier",
    title="Procedure modifier on a supply or drug",
    severity="warning",
    reads=("hcpcs_code",),
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifier_policies",),
    source=Source("meanings of the CPT and HCPCS modifiers", confidence="memory"),
)


@RULE.line
def procedure_modifier(line: Line, p: Params) -> Finding:
    return policies.modifier_finding(line, RULE.id)

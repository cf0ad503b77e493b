"""A filler stands in a modifier slot.

What it checks
    No slot holds what some systems write for "no modifier": `00`, `0`, `000`, `XX`, `NA`, `N/A`,
    `NONE`, `--`.

Why it matters
    It is no modifier. On a claim that is sent it is rejected as an invalid one; in an extract it
    hides that the slot is empty.

Example
    A4231 with `00` in slot 1, as a billing guide writes "none".

Source
    CMS HCPCS Level II file, 2026-01, and the CPT modifiers: none of these is in either.

Known false positives
    None known.
"""

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line
from claim_audit.rules.mod import Mod

RULE = Rule(
    id="MD-02",
    name="modifiers.placeholder",
    title="Filler in a modifier slot",
    severity="warning",
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifiers",),
    source=Source("CMS HCPCS Level II file, modifier records (absent there)", "2026-01"),
)


@RULE.line
def placeholder(line: Line, p: Params) -> Finding:
    something = (Mod.KNOWN | Mod.UNKNOWN | Mod.PLACEHOLDER).on()
    return Finding(
        population=something | ~line.maps("modifier_1"),
        violation=Mod.PLACEHOLDER.on(),
        message="a modifier slot holds a filler that stands for none",
        observed=Mod.PLACEHOLDER.named(),
        expected="a modifier or a blank slot",
        suggestion="leave the slot blank",
    )

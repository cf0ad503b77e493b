"""Boxes were billed in place of sets or reservoirs.

What it checks
    As billed there is less than 0.14 of a set or reservoir a day; if every billed unit were a box
    of ten it would be 0.2 to 1.0 a day, over at least 28 days of supply. The suggestion is the
    units × 10. The rule is off unless it is selected: that a box holds ten is trade practice and
    stands in no published policy.

Why it matters
    The supplier is paid a tenth of what was delivered.

Example
    3 units of A4231 over 90 days: one set a month as billed, 30 sets if boxes were counted.

Source
    Unpublished trade practice (boxes of ten).

Known false positives
    A few pieces sent to bridge a gap; suppliers whose boxes hold another number.
"""

from claim_audit.rules import candidates
from claim_audit.rules.candidates import BOXES
from claim_audit.rules.families import RESERVOIRS, SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-12",
    name="units.boxes",
    title="Boxes billed in place of sets",
    severity="warning",
    codes=(*SETS, *RESERVOIRS),
    reads=("units", "days"),
    params=BOXES.limits,
    source=Source("trade practice: boxes of ten", confidence="unpublished"),
    default=False,
)


@RULE.line
def boxes(line: Line, p: Params) -> Finding:
    return candidates.finding(BOXES.within(p), "the units look like boxes of ten")

"""Infusion sets were multiplied by the box twice.

What it checks
    As billed there is more than one set a day; a tenth of it would be 0.2 to 0.7 a day. The
    suggestion is the units ÷ 10.

Why it matters
    Sets were counted one by one and then multiplied by the ten of a box: the line claims ten
    times what was delivered.

Example
    300 units of A4230 over 90 days: 3.33 sets a day as billed. To be billed: 30 units.

Source
    Wear time of two to three days; own reading.

Known false positives
    None known. The use a day hangs on the days of supply; how these are known is named.
"""

from claim_audit.rules import candidates
from claim_audit.rules.candidates import SETS_TWICE
from claim_audit.rules.families import SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-13",
    name="units.sets-multiplied-twice",
    title="Sets multiplied by the box twice",
    severity="error",
    codes=SETS,
    reads=("units", "days"),
    params=SETS_TWICE.limits,
    source=Source("own reading: wear time of 2 to 3 days", confidence="arithmetic"),
)


@RULE.line
def sets_multiplied_twice(line: Line, p: Params) -> Finding:
    return candidates.finding(
        SETS_TWICE.within(p), "the units look like ten times the sets delivered"
    )

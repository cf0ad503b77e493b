"""A modifier is not in the list.

What it checks
    Every modifier on the line stands in the modifier list: HCPCS Level II and CPT. Fillers for
    an empty slot such as `00` or `NA` are the matter of MD-02; a modifier that is in the list
    but not on this date, of MD-06.

Why it matters
    A claim with a modifier that does not exist is rejected before it is read.

Example
    `YY` in slot 1; `KX1`; the letter O typed for a zero.

Source
    CMS HCPCS Level II file, 2026-01 (modifier records), and the CPT modifiers in use beside
    them.

Known false positives
    Modifiers that a state's Medicaid program defines for itself. A modifier list loaded with
    `--reference` that leaves out the CPT modifiers.
"""

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules.eras import ERA
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line
from claim_audit.rules.mod import Mod

RULE = Rule(
    id="MD-01",
    name="modifiers.unknown",
    title="Modifier is not in the list",
    severity="error",
    needs=("modifier_1",),
    uses=(*MODIFIERS, "service_from_date"),
    tables=("modifiers",),
    source=Source("CMS HCPCS Level II file, modifier records; CPT modifiers", "2026-01"),
)


@RULE.line
def unknown(line: Line, p: Params) -> Finding:
    table = line.reference["modifiers"]
    unknown = Mod.UNKNOWN.on()
    return Finding(
        population=(Mod.KNOWN | Mod.UNKNOWN).on() | ~line.maps("modifier_1"),
        no_reference=unknown & ~table.covered({}, ERA),
        violation=unknown,
        message="a modifier on the line is not in the modifier list",
        observed=Mod.UNKNOWN.named(),
        expected="a modifier of the HCPCS or CPT list",
        reference=pl.lit(f"modifiers {table.release}"),
    )

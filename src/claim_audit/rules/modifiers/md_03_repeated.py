"""A modifier is repeated on the line.

What it checks
    No modifier stands in two slots of a line. Blank slots and fillers (MD-02) do not count.

Why it matters
    A second time a modifier says nothing; claim editors return the line, and the slot may hold
    the place of a modifier that is missing.

Example
    J1817 KX JL KX.

Source
    Own reading: a modifier either applies to a line or does not.

Known false positives
    None known.
"""

from itertools import combinations

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of
from claim_audit.rules.mod import Mod

RULE = Rule(
    id="MD-03",
    name="modifiers.repeated",
    title="Modifier is repeated",
    severity="error",
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifiers",),
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def repeated(line: Line, p: Params) -> Finding:
    modifier = Mod.KNOWN | Mod.UNKNOWN
    number = {slot: pl.col(line.coded[slot].column) for slot in MODIFIERS}
    same = {
        (first, second): (number[first] == number[second]) & modifier.on(f"{first}_flags")
        for first, second in combinations(MODIFIERS, 2)
    }
    twice = [
        pl.when(equal).then(
            pl.format("{} in slots {} and {}", first, pl.lit(first[-1]), pl.lit(second[-1]))
        )
        for (first, second), equal in same.items()
    ]
    return Finding(
        population=modifier.on() | ~line.maps("modifier_1"),
        violation=any_of(same.values()),
        message="a modifier stands on the line more than once",
        observed=pl.concat_str(twice, separator=", ", ignore_nulls=True),
        expected="every modifier once",
        suggestion="keep it once; the other slot may hold the place of one that is missing",
    )

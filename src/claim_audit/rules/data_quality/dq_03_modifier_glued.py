"""Modifiers are glued to the code.

What it checks
    The cell of the code holds a code and modifiers behind it, with or without a hyphen, colon or
    blank between them. The audit goes on with the code and the modifiers taken apart.

Why it matters
    A payer's system reads the whole cell as a code that does not exist, and the modifiers are
    lost to it.

Example
    A4231-KX: code A4231, modifier KX.

Source
    Own reading of extracts.

Known false positives
    None known.
"""

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DQ-03",
    name="data-quality.modifier-glued",
    title="Modifiers are glued to the code",
    severity="warning",
    reads=("hcpcs_code",),
    uses=MODIFIERS,
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def modifier_glued(line: Line, p: Params) -> Finding:
    glued = line.raw("hcpcs_code")
    return Finding(
        violation=glued.is_not_null(),
        message="the cell of the code holds modifiers too",
        observed=glued,
        expected="the code alone, and modifiers in their own columns",
        suggestion=pl.format("{} with modifiers {}", "hcpcs_code", words.modifiers()),
    )

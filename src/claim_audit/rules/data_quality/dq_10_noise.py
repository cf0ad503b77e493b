"""Cells needed cleaning before they could be read.

What it checks
    Per file and column of text, codes or dates: how many cells change when blanks are taken off
    their ends and, for codes, letters are made capital and wide characters plain (NFKC). The
    audit goes on with the cleaned cells.

Why it matters
    A payer's system need not be as patient: "kx" is no modifier to it.

Example
    Modifier "kx" on 40 lines; the payer "Aetna " with a blank behind it.

Source
    Own reading.

Known false positives
    None; fixed-width exports fill every cell with blanks.
"""

import polars as pl

from claim_audit.contract.claim_line import FIELDS
from claim_audit.rules.form import BatchFinding, Params, Rule, Source
from claim_audit.rules.profile import Profile

RULE = Rule(
    id="DQ-10",
    name="data-quality.noise",
    title="Cells needed cleaning",
    severity="info",
    source=Source("own reading", confidence="inference"),
)

WORDED = [name for name, field in FIELDS.items() if field.kind in {"text", "code", "date"}]


@RULE.batch
def noise(profile: Profile, p: Params) -> BatchFinding:
    looked_at = profile.columns.filter(pl.col("field").is_in(WORDED))
    return BatchFinding(
        population=looked_at.height,
        rows=looked_at.filter(pl.col("decorated") > 0).select(
            pl.col("file").alias("source_file"),
            pl.format("column {} needed cleaning", "field").alias("message"),
            pl.format("{} of {} cells", "decorated", "lines").alias("observed"),
            pl.lit("no blanks around a cell, codes in plain capital letters").alias("expected"),
        ),
    )

"""A column is empty, or the same on every line.

What it checks
    Per file, every mapped column: more than 99 % blank, or one single value, where the file has
    at least 20 lines.

Why it matters
    An export that lost a column still looks complete. What is missing silences rules.

Example
    `received_date` blank on every line: timely filing cannot be judged.

Source
    Own reading.

Known false positives
    Files of one payer or one supplier; fields that are rarely filled.
"""

import polars as pl

from claim_audit.contract.claim_line import FIELDS
from claim_audit.rules.form import BatchFinding, Params, Rule, Source
from claim_audit.rules.profile import Profile

RULE = Rule(
    id="DQ-09",
    name="data-quality.column-constant",
    title="Column is empty or constant",
    severity="info",
    params={"blank_share": 0.99, "min_lines": 20},
    source=Source("own reading", confidence="inference"),
)


@RULE.batch
def column_constant(profile: Profile, p: Params) -> BatchFinding:
    looked_at = profile.columns.filter(
        pl.col("field").is_in(list(FIELDS)) & (pl.col("lines") >= p.min_lines)
    )
    share = pl.col("blank") / pl.col("lines")
    empty = share > p.blank_share
    return BatchFinding(
        population=looked_at.height,
        rows=looked_at.filter(empty | pl.col("constant")).select(
            pl.col("file").alias("source_file"),
            pl.when(empty)
            .then(pl.format("column {} is all but empty", "field"))
            .otherwise(pl.format("column {} holds one value only", "field"))
            .alias("message"),
            pl.format("{} of {} lines blank", "blank", "lines").alias("observed"),
            pl.lit("a column that tells lines apart").alias("expected"),
        ),
    )

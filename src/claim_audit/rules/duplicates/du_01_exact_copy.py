"""A line is an exact copy of another one.

What it checks
    No two lines have the same content in all the fields that the extract maps. The first one
    counts as the line, the others as its copies; only the copies are reported.

Why it matters
    Copies come from files that were joined or sent twice. Each one adds to units and amounts
    that were billed once.

Example
    Line 1 of claim 17 stands in the file of March and again in that of April.

Source
    Own reading.

Known false positives
    Extracts without line numbers, where a claim has two lines that are alike.
"""

import polars as pl

from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DU-01",
    name="duplicates.exact-copy",
    title="Exact copy of a line",
    severity="error",
    uses=("content", "in_order"),
    source=Source("own reading", confidence="inference"),
)


@RULE.member
def exact_copy(line: Line, p: Params) -> MemberFinding:
    same = ("member_key", "content")

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        first = pl.col("line_id").min().over(same)
        return (
            lines.filter(~pl.col("in_order"))
            .with_columns(first.alias("first"), pl.len().over(same).alias("times"))
            .filter(pl.col("line_id") > pl.col("first"))
            .select(
                "line_id",
                pl.lit("the line is an exact copy of an earlier one").alias("message"),
                pl.format("the same content {} times", "times").alias("observed"),
                pl.lit("every line once").alias("expected"),
                pl.lit("leave the copy out").alias("suggestion"),
                pl.concat_list("first").alias("related"),
            )
        )

    return MemberFinding(find=find)

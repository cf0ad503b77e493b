"""One claim line stands there with different content.

What it checks
    Within a claim number, payer, frequency code and version, a line number stands for one
    content. Lines that a void or replacement took back are left out, and so are exact copies
    (see DU-01).

Why it matters
    Only one of them can be what was billed. All of them count towards units and amounts.

Example
    Line 1 of claim 17 with a charge of 400.00, and again with 450.00.

Source
    Own reading.

Known false positives
    Adjustments in extracts that carry neither frequency code nor version.
"""

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DU-02",
    name="duplicates.other-content",
    title="Same claim and line, other content",
    severity="error",
    reads=("claim_id", "claim_line_number"),
    uses=("content", "payer", "claim_frequency_code", "claim_version", "in_order"),
    source=Source("own reading", confidence="inference"),
)

NUMBER = (
    "member_key",
    "payer",
    "claim_id",
    "claim_line_number",
    "claim_frequency_code",
    "claim_version",
)


@RULE.member
def other_content(line: Line, p: Params) -> MemberFinding:
    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        return (
            lines.filter(~pl.col("in_order"))
            .group_by(*NUMBER, "content")
            .agg(pl.col("line_id").min())
            .group_by(NUMBER)
            .agg("line_id", alike.FIRST.alias("related"), pl.len().alias("contents"))
            .filter(pl.col("contents") > 1)
            .explode("line_id")
            .select(
                "line_id",
                pl.lit("the claim has this line number with other content too").alias("message"),
                pl.format("{} different contents", "contents").alias("observed"),
                pl.lit("one content for a line of a claim").alias("expected"),
                alike.OTHERS.alias("related"),
            )
        )

    return MemberFinding(find=find)

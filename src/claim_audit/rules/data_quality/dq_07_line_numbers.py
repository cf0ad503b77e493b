"""The line numbers of a claim do not hold.

What it checks
    The lines of a claim of one member are numbered 1, 2, 3 and so on, each number once. A claim
    is reported once, on the first line that breaks the sequence. Voided and replaced claims are
    left out, and every version of a claim is looked at by itself; a claim without frequency code
    counts as original. A record that stands twice (DU-01) and a line that stands twice with other
    content (DU-02) repeat a number, so that their claim is reported here too, once.

Why it matters
    Claim and line number are what a payment is matched by. A number that stands twice makes the
    match a guess; a gap means that the extract lacks lines of the claim.

Example
    Lines 1, 2 and 4 of a claim: line 3 is not in the extract.

Source
    Input test of the Tuva project: claim, line number and source are unique.

Known false positives
    Extracts of chosen codes only, in which every claim has gaps, and line numbers that begin at
    0: set the parameter `gaps` to false. Adjusted claims that are not marked as such.
"""

import polars as pl

from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DQ-07",
    name="data-quality.line-numbers",
    title="Line numbers repeat, have gaps or do not begin at 1",
    severity="warning",
    reads=("member", "claim_id", "claim_line_number"),
    uses=("claim_frequency_code", "claim_version", "in_order"),
    params={"gaps": True},
    source=Source("Tuva project, input layer tests"),
)

CLAIM = ("member_key", "claim_id", "claim_frequency_code", "claim_version")
SHOWN = 20


@RULE.member
def line_numbers(line: Line, p: Params) -> MemberFinding:
    number, numbers = pl.col("claim_line_number"), pl.col("numbers")
    order = ["claim_line_number", "line_id"]
    before = number.shift(1).over(CLAIM, order_by=order)
    after = number.shift(-1).over(CLAIM, order_by=order)
    repeats = (number == after).fill_null(False)
    follows = (number == before.fill_null(0) + 1) | (number == before).fill_null(False)
    listed = numbers.list.head(SHOWN).cast(pl.List(pl.String)).list.join(", ")
    more = numbers.list.len().cast(pl.Int64) - SHOWN

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        suspects = lines.filter(~pl.col("in_order")).select("line_id", *CLAIM, number)
        claims = suspects.group_by(CLAIM).agg(
            (number.n_unique() < pl.len()).alias("repeated"),
            ((number.min() != 1) | (number.max() != number.n_unique())).alias("gap"),
        )
        broken = claims.filter(pl.col("repeated") | (pl.col("gap") & p.gaps)).select(CLAIM)
        return (
            suspects.join(broken, on=CLAIM, how="semi", nulls_equal=True)
            .with_columns((repeats | (~follows & p.gaps)).alias("breaks"))
            .sort(order)
            .group_by(CLAIM)
            .agg(
                pl.col("line_id").filter("breaks").first(),
                pl.col("line_id").alias("all"),
                number.alias("numbers"),
            )
            .select(
                "line_id",
                pl.lit("the line numbers of the claim are not 1, 2, 3 and so on, each once").alias(
                    "message"
                ),
                pl.when(more > 0)
                .then(pl.format("line numbers {} and {} more", listed, more))
                .otherwise(pl.format("line numbers {}", listed))
                .alias("observed"),
                pl.lit("numbers from 1 on without a gap, each once").alias("expected"),
                pl.col("all").list.set_difference(pl.concat_list("line_id")).alias("related"),
            )
        )

    return MemberFinding(find=find)

"""The line of business is unclear.

What it checks
    Two kinds of names. A bare "Medicare" (or "CMS") can be Original Medicare or a Medicare
    Advantage plan; it is taken for Original Medicare unless `bare_medicare` says otherwise. The
    name of a private payer with "Medicare" in it, such as "Aetna Medicare", is taken for that
    payer's plan, and rules of Original Medicare do not run on it. Neither is reported where a
    column of the extract, or a word such as "Advantage", says what it is. One finding per name,
    with its number of lines and what it was taken for.

Why it matters
    Original Medicare and Medicare Advantage have other edits, modifiers and filing times. Taken
    for the wrong one, a line is judged by the wrong rules.

Example
    "Medicare" on 5,000 lines, taken for Original Medicare.

Source
    Own reading; the names of the payer table.

Known false positives
    None: the finding says what was assumed. Map a column for the line of business to settle it.
"""

import polars as pl

from claim_audit.rules import payer_names
from claim_audit.rules.form import BatchFinding, Params, Rule, Source
from claim_audit.rules.profile import Profile

RULE = Rule(
    id="PY-03",
    name="payer.business-unclear",
    title="Line of business is unclear",
    severity="info",
    needs=("payer_name|payer_id",),
    tables=("payers",),
    source=Source("own reading", confidence="inference"),
)


@RULE.batch
def business_unclear(profile: Profile, p: Params) -> BatchFinding:
    private = pl.col("recognised") & (pl.col("payer") != "MEDICARE")
    speaks_of_medicare = pl.col("name").str.contains("MEDICARE", literal=True)
    of_medicare = payer_names.named(profile).filter(
        (pl.col("payer") == "MEDICARE") | (private & speaks_of_medicare)
    )
    unclear = of_medicare.filter(pl.col("ambiguous") | (private & ~pl.col("stated")))
    return BatchFinding(
        population=of_medicare["name"].n_unique(),
        rows=payer_names.counted(unclear, ["name", "payer", "lob"]).select(
            pl.format("payer {} may be Original Medicare or Medicare Advantage", "name").alias(
                "message"
            ),
            pl.format(
                "{} on {} lines, taken for {} of {}", "spelling", "lines", "lob", "payer"
            ).alias("observed"),
            pl.lit("a name or column that says the line of business").alias("expected"),
            "payer",
            "lines",
        ),
    )

"""The payer is not known.

What it checks
    The payer's name, evened out (case, punctuation, company suffixes), is a known name of one of
    the payers, or its payer id, filing indicator or line of business says who it is. One finding
    per name, with its number of lines.

Why it matters
    Whatever depends on the payer (edits, modifiers, limits, filing time) is not looked at on these
    lines; everything else is.

Example
    "Prairie Mutual Health" on 120 lines.

Source
    Own reading; the names of the payer table.

Known false positives
    Payers this program does not cover. A name that is missing from the payer table can be added
    to it.
"""

import polars as pl

from claim_audit.rules import payer_names
from claim_audit.rules.form import BatchFinding, Params, Rule, Source
from claim_audit.rules.profile import Profile

RULE = Rule(
    id="PY-01",
    name="payer.unrecognised",
    title="Payer is not known",
    severity="info",
    needs=("payer_name|payer_id",),
    tables=("payers",),
    source=Source("own reading", confidence="inference"),
)


@RULE.batch
def unrecognised(profile: Profile, p: Params) -> BatchFinding:
    named = payer_names.named(profile)
    unknown = payer_names.counted(named.filter(~pl.col("recognised")), ["name"])
    return BatchFinding(
        population=named["name"].n_unique(),
        rows=unknown.select(
            pl.format("payer {} is not known", "name").alias("message"),
            pl.format("{} on {} lines", "spelling", "lines").alias("observed"),
            pl.lit("a name of the payer table").alias("expected"),
            "lines",
        ),
    )

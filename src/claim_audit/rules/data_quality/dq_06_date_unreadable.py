"""A date cannot be read, or a column mixes date formats.

What it checks
    Every date is a real day in a format that the layout names. Per file and column, all dates
    have one format.

Why it matters
    A line without its date of service can be judged by almost nothing. Where formats are mixed,
    some days are read as months, and nobody can tell which.

Example
    2024-02-30; or 2024-03-01 on some lines and 03/01/2024 on others.

Source
    Own reading.

Known false positives
    Extracts put together from sources that each had its own unambiguous format.
"""

import polars as pl

from claim_audit.contract.claim_line import DATES
from claim_audit.dates import SPELLED
from claim_audit.rules import words
from claim_audit.rules.form import BatchFinding, Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of
from claim_audit.rules.profile import Profile

RULE = Rule(
    id="DQ-06",
    name="data-quality.date-unreadable",
    title="Date cannot be read, or formats are mixed",
    severity="error",
    uses=DATES,
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def date_unreadable(line: Line, p: Params) -> Finding:
    fields = [field for field in DATES if field in line.profile.mapped]
    unread = {field: line.raw(field) for field in fields}
    return Finding(
        population=any_of(pl.col(f).is_not_null() | unread[f].is_not_null() for f in fields),
        violation=any_of(raw.is_not_null() for raw in unread.values()),
        message="a date cannot be read",
        observed=words.cells(unread),
        expected="a real day in a format of the layout",
    )


@RULE.batch
def formats_mixed(profile: Profile, p: Params) -> BatchFinding:
    read = profile.date_formats.drop_nulls("format")
    columns = read.group_by("file", "field", maintain_order=True).agg(
        pl.len().alias("formats"),
        pl.format("{}: {}", pl.col("format").str.replace_many(SPELLED), "lines")
        .sort()
        .str.join(", ")
        .alias("observed"),
    )
    return BatchFinding(
        population=columns.height,
        rows=columns.filter(pl.col("formats") > 1).select(
            pl.col("file").alias("source_file"),
            pl.format("column {} holds dates in more than one format", "field").alias("message"),
            "observed",
            pl.lit("one date format in a column").alias("expected"),
        ),
    )

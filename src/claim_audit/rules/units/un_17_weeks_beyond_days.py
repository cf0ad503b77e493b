"""More weeks of supplies are billed than the days hold.

What it checks
    A4224 and A4226 are billed per week. The units are held against the weeks in the days of
    supply, or in the span of dates where it is longer than a day, a week begun counted as whole
    and one week of grace. Whatever the days, more than 13 units are more than three months. The
    gap to the next fill and the weeks themselves say nothing here: with 13 units or fewer and
    neither days nor span the line is not evaluated.

Why it matters
    Infusion sets counted one by one on the weekly code are two to three times too many. Medicare
    takes at most three months at a time, and 13 units cannot be overridden.

Example
    30 units of A4224 for 90 days, which hold 13 weeks.

Source
    HCPCS descriptor (per week); NCCI MUE, DME edition: A4224 13 units, MAI 2 (2024Q3); LCD L33794
    on quantities of three months.

Known false positives
    Plans other than Medicare may take more than 13 weeks at a time: above 13 units alone is a
    warning for them.
"""

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.daily import BILLED
from claim_audit.rules.families import WEEKLY_SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import ONE_UNIT, Line, steps

RULE = Rule(
    id="UN-17",
    name="units.weeks-beyond-days",
    title="More weeks billed than the days hold",
    severity="error",
    codes=(WEEKLY_SETS, "A4226"),
    reads=("units",),
    params={"grace_weeks": 1, "most_weeks": 13},
    source=Source("HCPCS descriptor; NCCI MUE, DME edition: A4224 13 units, MAI 2", "2024Q3"),
)


@RULE.line
def weeks_beyond_days(line: Line, p: Params) -> Finding:
    units, days = pl.col("units"), line.billed_days
    weeks = (days + 6) // 7
    beyond_days = steps("units") > (weeks + p.grace_weeks).cast(pl.Int64) * ONE_UNIT
    return Finding(
        population=BILLED,
        violation=beyond_days | (steps("units") > p.most_weeks * ONE_UNIT),
        severity=pl.when(beyond_days)
        .then(pl.lit("error"))
        .otherwise(line.medicare_else("error", "warning")),
        message=pl.when(beyond_days)
        .then(pl.lit("more weeks of supplies are billed than the days hold"))
        .otherwise(pl.lit("more than three months of supplies are billed at once")),
        observed=pl.coalesce(
            pl.format("{} weeks for {} days", words.number(units), days),
            pl.format("{} weeks", words.number(units)),
        ),
        expected=pl.coalesce(
            pl.format(f"{{}} weeks, at most {p.most_weeks} at a time", weeks),
            pl.lit(f"at most {p.most_weeks} weeks at a time"),
        ),
        suggestion=pl.when(beyond_days).then(
            pl.format("bill one unit a week: {}", pl.min_horizontal(weeks, p.most_weeks))
        ),
    )

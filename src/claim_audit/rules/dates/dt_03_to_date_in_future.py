"""The last date of service lies in the future.

What it checks
    `service_to_date` is not after the as-of date, unless it is the last day of the supply
    (first date + days of supply - 1). The days are the days-supply field, else the weeks of
    A4224. A pump supply or pump insulin whose days the line does not state is not judged while
    its span is 92 days or less. A first date in the future is the matter of DT-02.

Why it matters
    Supplies are billed with the span they are meant for, and such a span may run ahead of the
    day of billing. Any other date ahead is mistyped, and some payers accept none.

Example
    A pump rented from 2025-12-15 to 2065-12-15, audited as of 2026-01-01.

Source
    NGS guide to billing date spans (From is the delivery, To is From + days of supply - 1);
    the Humana Military provider handbook takes no date ahead.

Known false positives
    Rental months billed with the month they cover.
"""

import polars as pl

from claim_audit.rules.families import PUMP_FILL, WEEKLY_SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import ONE_UNIT, Line, steps

RULE = Rule(
    id="DT-03",
    name="dates.to-date-in-future",
    title="Last date of service in the future",
    severity="warning",
    reads=("service_from_date", "service_to_date"),
    uses=("hcpcs_code", "units", "days_supply"),
    params={"longest_supply": 92},
    source=Source("NGS guide to billing date spans; Humana Military provider handbook"),
)


@RULE.line
def to_date_in_future(line: Line, p: Params) -> Finding:
    start, end, as_of = pl.col("service_from_date"), pl.col("service_to_date"), line.profile.as_of
    weeks = pl.when(line.code_in(WEEKLY_SETS)).then(steps("units") * 7)
    days = pl.when(pl.col("days_supply") > 0).then(pl.col("days_supply").cast(pl.Int64) * ONE_UNIT)
    supply = pl.coalesce(days, weeks)
    unknown = supply.is_null() & line.code_in(*PUMP_FILL) & (line.span_days <= p.longest_supply)
    return Finding(
        population=start <= as_of,
        violation=pl.when(end <= as_of)
        .then(pl.lit(False))
        .when(~unknown)
        .then((line.span_days.cast(pl.Int64) * ONE_UNIT != supply).fill_null(True)),
        message="the last date of service lies in the future and does not end the supply",
        observed=pl.format("from {} to {}", start, end),
        expected=pl.format("no later than {}, or the last day of the supply", pl.lit(as_of)),
    )

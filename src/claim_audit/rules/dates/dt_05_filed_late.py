"""The claim was filed too late.

What it checks
    The claim was received (else submitted) within the filing limit of its payer, counted from
    the day that the policy row names: the first date of service for Original Medicare, the last
    one elsewhere (the first where no last one is given). Twelve months end on the same day of
    the next year, a 29 February on the 28th. Replacements, voids and lines with an amount paid
    by another payer are left out. Whether a supplier is in the payer's network cannot be told
    from an extract: the limit of the network is taken.

Why it matters
    A late claim is denied, and the member must not be billed for it.

Example
    Original Medicare, from 2024-07-15, received 2025-07-16.

Source
    42 CFR 424.44 (Medicare; 29 February: MLN MM7080); what Aetna, Cigna, UnitedHealthcare and
    Anthem publish. The rows with topic `timely_filing` of the payer policies.

Known false positives
    Longer limits by state law, contract or network status, coordination of benefits,
    retroactive eligibility, a limit that ends on a weekend or holiday, claims filed in time and
    sent again.
"""

import polars as pl

from claim_audit.rules import policies, words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, later
from claim_audit.rules.policies import Policies

RULE = Rule(
    id="DT-05",
    name="dates.filed-late",
    title="Filed after the payer's limit",
    severity="error",
    reads=("service_from_date",),
    needs=("received_date|submitted_date",),
    uses=("service_to_date", "received_date", "submitted_date", "other_payer_paid_amount"),
    tables=("payer_policies",),
    source=Source("42 CFR 424.44; filing limits of the payers (payer policies)", "2026-11"),
)

ANCHORS = {"service_from_date": "first", "service_to_date": "last"}
SHORTEST, LONGEST = 28, 31
"""Days of a month."""


@RULE.line
def filed_late(line: Line, p: Params) -> Finding:
    rows = policies.rows(line, "payer_policies", RULE.id)
    limits = Policies.of(line, "payer_policies", [row for row in rows if row["network"] != "out"])
    start, end = pl.col("service_from_date"), pl.col("service_to_date")
    unreadable = line.raw("service_to_date").is_not_null()
    anchor = {
        "service_from_date": start,
        "service_to_date": pl.coalesce(end, pl.when(~unreadable).then(start)),
    }
    filed = pl.coalesce("received_date", "submitted_date")

    def time(row: policies.Row) -> tuple[str, int, str]:
        return row["anchor"], int(row["value"]), row["unit"]

    def last_day(time: tuple[str, int, str]) -> pl.Expr:
        begins, count, unit = time
        day = anchor[begins]
        return day.dt.offset_by(f"{count}mo") if unit == "months" else later(day, count)

    def late(time: tuple[str, int, str]) -> pl.Expr:
        begins, count, unit = time
        if unit != "months":
            return filed > last_day(time)
        days = filed.to_physical() - anchor[begins].to_physical()
        close = days.is_between(SHORTEST * count, LONGEST * count)
        in_doubt = pl.when(close).then(anchor[begins]).dt.offset_by(f"{count}mo")
        return pl.when(~close).then(days > LONGEST * count).otherwise(filed > in_doubt)

    def wanted(time: tuple[str, int, str]) -> pl.Expr:
        begins, count, unit = time
        limit = f"{count} {unit} after the {ANCHORS[begins]} date"
        return pl.format(f"by {{}}: {limit} of service", last_day(time))

    return Finding(
        population=limits.bind
        & line.is_original
        & (pl.col("other_payer_paid_amount").fill_null(0) == 0),
        violation=limits.each(time, late),
        message="the claim was filed after the payer's limit",
        observed=pl.format("filed {}", words.day(filed)),
        expected=limits.each(time, wanted),
        severity=limits.said("severity"),
        reference=limits.citation,
    )

"""Service, submission, receipt and payment are out of order.

What it checks
    The claim was submitted and received no earlier than the first date of service, and paid no
    earlier than it was received. Pairs of which one date is missing are left out.

Why it matters
    One of the dates is wrong, and timely filing and days to payment hang on them.

Example
    Received 2024-07-20, paid 2024-07-02.

Source
    Own reading.

Known false positives
    Extracts that carry over the dates of an earlier version of the claim.
"""

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_known

RULE = Rule(
    id="DT-04",
    name="dates.event-order",
    title="Dates of a claim out of order",
    severity="error",
    needs=("received_date|submitted_date",),
    uses=("service_from_date", "submitted_date", "received_date", "paid_date"),
    source=Source("own reading", confidence="inference"),
)

PAIRS = (
    ("received", "received_date", "service", "service_from_date"),
    ("paid", "paid_date", "receipt", "received_date"),
    ("submitted", "submitted_date", "service", "service_from_date"),
)
"""What must not come before what: event, its date, what it follows, that one's date."""


@RULE.line
def event_order(line: Line, p: Params) -> Finding:
    early = [pl.col(later) < pl.col(earlier) for _, later, _, earlier in PAIRS]
    texts = [
        pl.format(f"{event} {{}} before {first} {{}}", later, earlier)
        for event, later, first, earlier in PAIRS
    ]
    return Finding(
        violation=any_known(*early),
        message="the dates of the claim are out of order",
        observed=words.those(zip(early, texts, strict=True)),
        expected="service, then submission and receipt, then payment",
    )

"""Allowed above the charge, or paid above the allowed amount.

What it checks
    The allowed amount is not above the charge (else a warning), and the paid amount not above
    the allowed one by more than a cent (else an error). Voids and lines with a negative amount
    are left out.

Why it matters
    A payer pays a part of what it allows, and allows no more than was charged. Where that is
    turned round, columns were swapped or amounts belong to other lines.

Example
    Charge 400.00, allowed 300.00, paid 310.00.

Source
    Own reading.

Known false positives
    Payments with interest; contracts that pay a fixed rate above the charge.
"""

from decimal import Decimal

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import VOID, Line, any_known, any_of

RULE = Rule(
    id="MY-03",
    name="money.amounts-out-of-order",
    title="Allowed above charge, or paid above allowed",
    severity="error",
    reads=("allowed_amount",),
    needs=("charge_amount|paid_amount",),
    uses=("charge_amount", "paid_amount"),
    source=Source("own reading", confidence="inference"),
)

CENT = Decimal("0.01")


@RULE.line
def amounts_out_of_order(line: Line, p: Params) -> Finding:
    charge, allowed, paid = (pl.col(f"{name}_amount") for name in ("charge", "allowed", "paid"))
    above_charge = allowed > charge
    above_allowed = paid - allowed > CENT
    void = line.among("claim_frequency_code", (VOID,))
    negative = any_of((amount < 0).fill_null(False) for amount in (charge, allowed, paid))
    return Finding(
        population=~void & ~negative,
        violation=any_known(above_charge, above_allowed),
        severity=pl.when(above_allowed).then(pl.lit("error")).otherwise(pl.lit("warning")),
        message="the amounts of the line are out of order",
        observed=words.those(
            (
                (above_charge, pl.format("allowed {} above charge {}", allowed, charge)),
                (above_allowed, pl.format("paid {} above allowed {}", paid, allowed)),
            )
        ),
        expected="paid at most what is allowed, allowed at most what is charged",
    )

"""The number of infusion sets a day is implausible.

What it checks
    Billed units ÷ days of supply. 0.33 to 0.50 sets a day are expected, a change every two to
    three days. Below 0.14 (one a week) or above 0.67 is a warning, above 1.0 an error. How the
    days are known is named, as in UN-05.

Why it matters
    Outside that range the units, the unit of measure or the days of supply are wrong, or more is
    shipped than is used.

Example
    90 units of A4231 over 30 days: 3 sets a day.

Source
    Wear time of two to three days; the quantity limit of 90 in 90 days of one Blue plan
    (Regence, 2019).

Known false positives
    Sets worn for seven days, sites that fail, kits handed out in hospital. Steel sets (A4231) are
    changed every two days: 45 in 90 days are normal and pass.
"""

import polars as pl

from claim_audit.rules import candidates
from claim_audit.rules.candidates import SETS_TWICE
from claim_audit.rules.daily import BILLED, SET_USE
from claim_audit.rules.families import SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-14",
    name="units.sets-a-day",
    title="Number of sets a day is implausible",
    severity="error",
    codes=SETS,
    reads=("units", "days"),
    params={
        "warn_below": 0.14,
        "expected_from": 0.33,
        "expected_to": 0.50,
        "warn_above": 0.67,
        "error_above": 1.0,
    },
    source=Source("wear time of 2 to 3 days; Regence policy Administrative 128", "2019-09-01"),
)


@RULE.line
def sets_a_day(line: Line, p: Params) -> Finding:
    a_day = SET_USE.a_day
    return Finding(
        population=BILLED,
        violation=(a_day < p.warn_below) | (a_day > p.warn_above),
        severity=pl.when(a_day > p.error_above).then(pl.lit("error")).otherwise(pl.lit("warning")),
        message="the number of infusion sets a day is implausible",
        observed=SET_USE.in_words,
        expected=f"{p.expected_from:.2f} to {p.expected_to:.2f} sets a day",
        suggestion=candidates.repairs(SETS_TWICE),
    )

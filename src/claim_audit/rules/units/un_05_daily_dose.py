"""The insulin dose a day is implausible.

What it checks
    Billed units × 50 insulin units ÷ days of supply. Below 3 or above 300 a day is an error,
    below 10 or above 150 a warning. How the days are known is named: the days-supply field, the
    weeks of A4224 on the same day, a span of dates, JK or JL, or the gap to the next fill. Other
    measures that would explain the units (UN-04, UN-07, UN-08) are suggested.

Why it matters
    A dose outside that range almost always means the wrong unit of measure.

Example
    900 units of J1817 over 90 days: 500 insulin units a day.

Source
    The MUE of 270 units (13,500 insulin units, 150 a day for 90 days), 2024Q3; thresholds own.

Known false positives
    Small children, users of U-500 insulin, a first fill that stocks up.
"""

import polars as pl

from claim_audit.rules import candidates
from claim_audit.rules.candidates import FIVE_INSULIN_UNITS, SINGLE_INSULIN_UNITS, VIALS
from claim_audit.rules.daily import BILLED, INSULIN_USE
from claim_audit.rules.families import INSULIN
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UN-05",
    name="units.daily-dose-implausible",
    title="Insulin dose a day is implausible",
    severity="error",
    codes=INSULIN,
    reads=("units", "days"),
    params={"error_below": 3, "warn_below": 10, "warn_above": 150, "error_above": 300},
    source=Source("NCCI MUE, DME edition: J1817 270 units", "2024Q3"),
)


@RULE.line
def daily_dose(line: Line, p: Params) -> Finding:
    dose = INSULIN_USE.a_day
    grave = (dose < p.error_below) | (dose > p.error_above)
    return Finding(
        population=BILLED,
        violation=(dose < p.warn_below) | (dose > p.warn_above),
        severity=pl.when(grave).then(pl.lit("error")).otherwise(pl.lit("warning")),
        message="the insulin dose a day is implausible",
        observed=INSULIN_USE.in_words,
        expected=f"{p.warn_below} to {p.warn_above} insulin units a day",
        suggestion=candidates.repairs(SINGLE_INSULIN_UNITS, FIVE_INSULIN_UNITS, VIALS),
    )

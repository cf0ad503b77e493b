"""More insulin in 90 days than pump therapy explains.

What it checks
    The units of J1811, J1813 and J1817 of a member over the 90 days that end with the line's
    first date of service, × 50 insulin units ÷ 90. Above 150 a day is a warning, above 300 an
    error. The window is 90 days long also where the extract begins later. The last line of a day
    stands for the day. Voided and replaced lines are left out.

Why it matters
    Fills that are each plausible can add up to a dose that nobody uses: early refills, two
    suppliers, claims billed twice.

Example
    Two fills of 180 units inside one quarter: 200 insulin units a day.

Source
    The MUE of 270 units (13,500 insulin units, 150 a day for 90 days), 2024Q3.

Known false positives
    Fills of two quarters shipped close together; users of U-500 insulin.
"""

import polars as pl

from claim_audit.rules import rolling, words
from claim_audit.rules.families import INSULIN, INSULIN_UNITS_PER_UNIT
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UT-02",
    name="utilization.rolling-insulin",
    title="More insulin in 90 days than expected",
    severity="error",
    codes=INSULIN,
    reads=("member", "service_from_date", "units"),
    params={"days": 90, "warn_above": 150, "error_above": 300},
    source=Source("NCCI MUE, DME edition: J1817 270 units", "2024Q3"),
)


@RULE.member
def rolling_insulin(line: Line, p: Params) -> MemberFinding:
    dose = rolling.USED.cast(pl.Float64) * INSULIN_UNITS_PER_UNIT / p.days
    return rolling.finding(
        line,
        INSULIN,
        p,
        use=dose,
        message="the member's insulin exceeds what a pump needs",
        observed=pl.format(
            f"{{}} insulin units a day: {{}} units in {p.days} days",
            words.rounded(dose),
            words.number(rolling.USED),
        ),
        expected=f"at most {p.warn_above} insulin units a day over {p.days} days",
    )

"""More infusion sets in 90 days than pump therapy explains.

What it checks
    The units of A4230 and A4231 of a member over the 90 days that end with the line's first
    date of service; a line 90 days back is outside. Above 45 is a warning, above 90 an error. The
    last line of a day stands for the day. Voided and replaced lines are left out.

Why it matters
    A set is changed every two to three days: 30 to 45 in 90 days. Payers limit quantities
    around that.

Example
    Three fills of 45 sets inside one quarter.

Source
    Wear time of two to three days; the quantity limit of 90 in 90 days of one Blue plan
    (Regence, 2019).

Known false positives
    Fills of two quarters shipped close together, sets lost or failed.
"""

import polars as pl

from claim_audit.rules import rolling, words
from claim_audit.rules.families import SETS
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="UT-01",
    name="utilization.rolling-sets",
    title="More infusion sets in 90 days than expected",
    severity="error",
    codes=SETS,
    reads=("member", "service_from_date", "units"),
    params={"days": 90, "warn_above": 45, "error_above": 90},
    source=Source("wear time of 2 to 3 days; Regence policy Administrative 128", "2019-09-01"),
)


@RULE.member
def rolling_sets(line: Line, p: Params) -> MemberFinding:
    return rolling.finding(
        line,
        SETS,
        p,
        use=rolling.USED,
        message="the member's infusion sets exceed what a pump needs",
        observed=pl.format(f"{{}} sets in {p.days} days", words.number(rolling.USED)),
        expected=f"at most {p.warn_above} in {p.days} days",
    )

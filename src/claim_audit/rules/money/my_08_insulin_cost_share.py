"""The member's share of pump insulin is above the cap.

What it checks
    For Original Medicare from 2023-07-01, on lines that were not voided or replaced: no
    deductible; coinsurance of at most 35.00 with JK (up to one month), and of at most 105.00
    with JL (three months) or without either. Added up: the member's JK lines of a calendar month
    come to at most 35.00, JL lines to at most 105.00 in 80 days. Where lines are too much
    together, those by which the cap is exceeded are reported.

Why it matters
    The member must not be charged more; the contractors adjust what Medicare pays for the rest.

Example
    J1817 KX JK with a coinsurance of 61.20.

Source
    CGS news 2023-07-07 and CMS article A52507; the row with topic `cost_share_cap` of the payer
    policies. After 80 days, a three-month supply less the refill lead of 10 days, the next one
    may come.

Known false positives
    Claims processed before the contractors' systems applied the cap, and adjusted since.
"""

import polars as pl

from claim_audit.rules import alike, rolling, words
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.held import held
from claim_audit.rules.line import Line
from claim_audit.rules.policies import Policies

RULE = Rule(
    id="MY-08",
    name="money.insulin-cost-share",
    title="Insulin cost share above the cap",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "coinsurance_amount"),
    needs=("modifier_1",),
    uses=("deductible_amount",),
    tables=("payer_policies",),
    params={"days": 80},
    source=Source("CGS news; CMS article A52507", "2023-07-07"),
)

DAY, SHARE, CAP = pl.col("service_from_date"), pl.col("coinsurance_amount"), pl.col("cap")
MONTHS_WITH_JL = 3


@RULE.member
def insulin_cost_share(line: Line, p: Params) -> MemberFinding:
    caps = Policies.of_rule(line, "payer_policies", RULE.id)
    a_month = caps.value(lambda row: row["value"], pl.Decimal(16, 2))
    three_months = line.has_modifier("JL")
    one_month = line.has_modifier("JK") & ~three_months

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        capped = lines.select(
            "line_id",
            "member_key",
            DAY,
            SHARE,
            "deductible_amount",
            "in_population",
            one_month.alias("one_month"),
            three_months.alias("three_months"),
            (a_month * pl.when(one_month).then(1).otherwise(MONTHS_WITH_JL)).alias("cap"),
            caps.said("severity").alias("severity"),
            caps.citation.alias("reference"),
        ).pipe(held)
        alone = _alone(capped).pipe(held)
        sharing = capped.filter(SHARE != 0)
        added = pl.concat(
            [
                _of_month(sharing.filter("one_month")),
                _of_days(sharing.filter("three_months"), p.days),
            ],
            how="diagonal",
        )
        return pl.concat([alone, added.join(alone, on="line_id", how="anti")], how="diagonal")

    return MemberFinding(find=find, population=caps.bind)


def _alone(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Lines that exceed the cap by themselves."""
    deductible = pl.col("deductible_amount")
    exceeding = [
        (SHARE > CAP, pl.format("coinsurance {}", SHARE)),
        (deductible > 0, pl.format("deductible {}", deductible)),
    ]
    return lines.filter(pl.any_horizontal(above for above, _ in exceeding)).with_columns(
        pl.lit("the member's share of pump insulin is above the cap").alias("message"),
        words.those(exceeding).alias("observed"),
        pl.format("coinsurance of at most {} and no deductible", CAP).alias("expected"),
    )


TOGETHER = pl.lit("the member's shares of pump insulin come to more than the cap").alias("message")


def _of_month(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Lines by which those of a calendar month exceed the cap."""
    months = lines.with_columns(DAY.dt.truncate("1mo").alias("month"))
    shared = alike.suspects(
        months, ["member_key", "month"], SHARE.clip(0).sum() > CAP.min()
    ).with_columns(
        SHARE.cum_sum()
        .over("member_key", "month", order_by=["service_from_date", "line_id"])
        .alias("total")
    )
    over = shared.filter((pl.col("total") > CAP) & (SHARE > 0))
    month = (
        shared.join(over, on=["member_key", "month"], how="semi")
        .group_by("member_key", "month")
        .agg(alike.FIRST.alias("related"))
    )
    return over.join(month, on=["member_key", "month"]).with_columns(
        TOGETHER,
        pl.format("{} in {}", "total", pl.col("month").dt.strftime("%Y-%m")).alias("observed"),
        pl.format("at most {} a month", CAP).alias("expected"),
        alike.OTHERS.alias("related"),
    )


def _of_days(lines: pl.LazyFrame, days: int) -> pl.LazyFrame:
    """Lines by which those of the days up to them exceed the cap."""
    shared = lines.with_columns(SHARE.alias("units"))
    over = (
        rolling.totals(shared, days, rolling.USED > 0)
        .join(lines.drop("member_key", "service_from_date"), on="line_id")
        .filter((rolling.USED > CAP) & (SHARE > 0))
    )
    return rolling.with_window(over, shared).with_columns(
        TOGETHER,
        pl.format(f"{{}} in {days} days", rolling.USED).alias("observed"),
        pl.format(f"at most {{}} in {MONTHS_WITH_JL} months", CAP).alias("expected"),
    )

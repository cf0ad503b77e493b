"""A refill is earlier than the supply at hand allows.

What it checks
    A fill begins no earlier than 10 days (the policy row says how many) before the same
    supplier's previous fill of the same code runs out. The previous fill runs out after its days
    of supply; where these are known only from the date of the next fill, nothing can be judged.
    Lines of one code on one day are one fill. It is a warning, and an error where more than half
    of the previous supply is left. Fills of another supplier are the matter of DU-05.

Why it matters
    Medicare denies a refill that is delivered too early. Other payers have their own limits: add
    policy rows for them.

Example
    A4224 for 90 days on 2024-01-01, and again on 2024-03-10, when 21 days are left.

Source
    42 CFR 410.38 and the refill section of LCD L33822; the rows with topic `refill_delivery` of
    the payer policies.

Known false positives
    Supplies that were lost or damaged, a new pump, days spent in hospital.
"""

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line
from claim_audit.rules.policies import Policies

RULE = Rule(
    id="DT-09",
    name="dates.early-refill",
    title="Refill before the supply runs out",
    severity="error",
    reads=("member", "hcpcs_code", "service_from_date"),
    uses=("billing_npi", "days", "days_source"),
    tables=("payer_policies",),
    params={"error_above_share": 0.5},
    source=Source("42 CFR 410.38; LCD L33822"),
)

SUPPLY = ("member_key", "hcpcs_code", "billing_npi")


@RULE.member
def early_refill(line: Line, p: Params) -> MemberFinding:
    leads = Policies.of_rule(line, "payer_policies", RULE.id)
    ahead = leads.value(lambda row: int(row["value"]), pl.Int32)
    soonest = min((int(row["value"]) for row in leads.rows), default=0)
    start, days = pl.col("service_from_date"), pl.col("days")
    measured = pl.when(pl.col("days_source") != "next fill").then(days)

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        suspects = _close(lines, measured, soonest)
        same = pl.all_horizontal(pl.col(key).eq_missing(pl.col(key).shift(1)) for key in SUPPLY)
        refills = (
            suspects.group_by(*SUPPLY, start)
            .agg(measured.max().alias("days"))
            .sort(*SUPPLY, start)
            .with_columns(
                pl.when(same).then(start.shift(1)).alias("previous"),
                days.shift(1).alias("supply"),
            )
            .filter(pl.col("previous").is_not_null())
            .drop("days")
        )
        supply, left = pl.col("supply"), pl.col("left")
        unfinished = refills.with_columns(
            (supply - (start - pl.col("previous")).dt.total_days()).alias("left")
        ).filter(supply.is_null() | (left > 0))
        early = (
            suspects.join(unfinished, on=[*SUPPLY, "service_from_date"], nulls_equal=True)
            .with_columns(ahead.alias("ahead"))
            .filter(supply.is_null() | (left > pl.col("ahead")))
        )
        return _with_previous(early, suspects).select(
            "line_id",
            pl.when(left > supply * p.error_above_share)
            .then(pl.lit("error"))
            .otherwise(leads.said("severity"))
            .alias("severity"),
            pl.when(supply.is_not_null())
            .then(pl.lit("the refill is earlier than the supply at hand allows"))
            .alias("message"),
            pl.format("{}: {} of {} days left from {}", start, left, supply, "previous").alias(
                "observed"
            ),
            pl.format(
                "no earlier than {}",
                start + pl.duration(days=left - pl.col("ahead")),
            ).alias("expected"),
            leads.citation.alias("reference"),
            "related",
        )

    return MemberFinding(find=find, population=leads.bind)


def _close(lines: pl.LazyFrame, days: pl.Expr, ahead: int) -> pl.LazyFrame:
    """The lines of members with a fill that may be early: a sieve before fills are compared.

    Sorted by supply and day, each line is held against the one before: on the same day, or more
    than `ahead` days before its `days` of supply are over, or these are not known.
    """
    supply, start = alike.fingerprint(SUPPLY), pl.col("service_from_date")
    same = pl.col("supply") == pl.col("supply").shift(1)
    gap = (start - start.shift(1)).dt.total_days()
    until = pl.col("until").shift(1)
    close = (gap == 0) | until.is_null() | (gap < until - ahead)
    found = (
        lines.select("member_key", supply.alias("supply"), start, days.alias("until"))
        .sort("supply", "service_from_date")
        .filter(same & close)
        .select("member_key")
        .collect(engine="in-memory")
    )
    return alike.among(lines, pl.col("member_key"), found.lazy())


def _with_previous(early: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """`early` with `related`: the lines of the previous fill."""
    filled = lines.select(*SUPPLY, pl.col("service_from_date").alias("previous"), "line_id")
    keys = [*SUPPLY, "previous"]
    judged = early.filter(pl.col("supply").is_not_null()).select(keys).unique()
    related = (
        filled.join(judged, on=keys, how="semi", nulls_equal=True)
        .group_by(keys)
        .agg(alike.FIRST.alias("related"))
    )
    return early.join(related, on=keys, how="left", nulls_equal=True)

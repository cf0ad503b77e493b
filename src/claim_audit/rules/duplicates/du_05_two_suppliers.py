"""Two suppliers supply a member for the same days.

What it checks
    For infusion sets (A4230 and A4231 together), A4224, A4232 and pump insulin (J1811, J1813 and
    J1817 together): the supply of one supplier and that of another overlap by more than 10 days,
    the lead that a refill may have. A supply lasts from the first date of service for its days
    of supply. Where a member has two suppliers, a line whose days are known only from the date
    of the next fill is not judged.

Why it matters
    The payer pays one supplier; the claim of the other is denied.

Example
    A4231 for 90 days from one supplier on 2024-01-01, and from another on 2024-02-01.

Source
    Own reading; the 10 days are those of 42 CFR 410.38.

Known false positives
    A supplier that went out of business, or a first order that was returned.
"""

import polars as pl

from claim_audit.rules.families import INSULIN, SETS, WEEKLY_SETS
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

FAMILIES = ((WEEKLY_SETS,), SETS, ("A4232",), INSULIN)

RULE = Rule(
    id="DU-05",
    name="duplicates.two-suppliers",
    title="Two suppliers for the same days",
    severity="warning",
    codes=tuple(code for family in FAMILIES for code in family),
    reads=("member", "service_from_date", "billing_npi"),
    uses=("days", "days_source"),
    params={"overlap_days": 10},
    source=Source("own reading; refill lead of 42 CFR 410.38", confidence="inference"),
)

SUPPLY = ("member_key", "family")
FILL = (*SUPPLY, "service_from_date", "billing_npi")


@RULE.member
def two_suppliers(line: Line, p: Params) -> MemberFinding:
    family = pl.coalesce(
        pl.when(line.code_in(*codes)).then(pl.lit(number, pl.UInt8))
        for number, codes in enumerate(FAMILIES)
    )
    npi, start, end = pl.col("billing_npi"), pl.col("service_from_date"), pl.col("end")

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        supplied = lines.with_columns(family.alias("family"))
        suppliers = (
            supplied.group_by(SUPPLY)
            .agg(npi.min().alias("one"), npi.max().alias("another"))
            .filter(pl.col("one") != pl.col("another"))
        )
        fills = (
            supplied.join(suppliers, on=SUPPLY, how="semi")
            .group_by(FILL)
            .agg(
                pl.when(pl.col("days_source") != "next fill").then("days").max().alias("days"),
                pl.col("line_id").alias("lines"),
            )
            .with_columns((start + pl.duration(days=pl.col("days") - 1)).alias("end"))
        )
        overlaps = _overlaps(fills.filter(end.is_not_null()), p.overlap_days)
        judged = pl.col("overlap").is_not_null()
        return (
            pl.concat([overlaps, fills.filter(end.is_null())], how="diagonal")
            .explode("lines")
            .select(
                pl.col("lines").alias("line_id"),
                pl.when(judged)
                .then(pl.lit("two suppliers supply the member for the same days"))
                .alias("message"),
                pl.format("{} to {}, {} days of them beside {}", start, end, "overlap", "other").alias(
                    "observed"
                ),
                pl.lit(f"at most {p.overlap_days} days beside another supplier").alias("expected"),
                "related",
            )
        )

    return MemberFinding(find=find)


def _overlaps(fills: pl.LazyFrame, allowed: int) -> pl.LazyFrame:
    """The fills that overlap one of another supplier by more than `allowed` days.

    Only fills of one run are compared: a run ends where all that began before has, but for
    `allowed` days, run out.

    Returns:
        `fills` with the longest `overlap` (days), the `other` NPI and the `related` lines.
    """
    start, end, overlap = pl.col("service_from_date"), pl.col("end"), pl.col("overlap")
    order = ["service_from_date", "billing_npi"]
    supplied = end.cum_max().shift(1).over(SUPPLY, order_by=order)
    begins = (start > supplied - pl.duration(days=allowed)).fill_null(True)
    runs = fills.with_columns(begins.alias("begins")).with_columns(
        pl.col("begins").cum_sum().over(SUPPLY, order_by=order).alias("run")
    )
    until = pl.min_horizontal("end", "end_other")
    since = pl.max_horizontal("service_from_date", "service_from_date_other")
    return (
        runs.join(runs, on=[*SUPPLY, "run"], suffix="_other")
        .with_columns(((until - since).dt.total_days() + 1).alias("overlap"))
        .filter((pl.col("billing_npi") != pl.col("billing_npi_other")) & (overlap > allowed))
        .group_by(FILL)
        .agg(
            pl.col("lines", "end").first(),
            overlap.max(),
            pl.col("billing_npi_other").min().alias("other"),
            pl.col("lines_other").flatten().unique().alias("related"),
        )
    )

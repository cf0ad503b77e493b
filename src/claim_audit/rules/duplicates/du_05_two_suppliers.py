"""Two suppliers supply a member for the same days.

What it checks
    For infusion sets (A4230 and A4231 together), A4224, A4232 and pump insulin (J1811, J1813 and
    J1817 together): the supply of one supplier and that of another overlap by more than 10 days,
    the lead that a refill may have. A supply lasts from the first date of service for its days
    of supply. Where a member has two suppliers, a line whose days are known only from the date
    of the next fill is not judged. Neither are more than a hundred fills in a row without a gap:
    such a member number stands for several people.

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

from claim_audit.rules import alike
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
MOST_FILLS = 100
"""Fills in a row without a gap; a member number with more stands for several people."""


@RULE.member
def two_suppliers(line: Line, p: Params) -> MemberFinding:
    family = pl.coalesce(
        pl.when(line.code_in(*codes)).then(pl.lit(number, pl.UInt8))
        for number, codes in enumerate(FAMILIES)
    )
    npi, start = pl.col("billing_npi"), pl.col("service_from_date")

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        several = npi.hash().min() != npi.hash().max()
        supplied = alike.suspects(
            lines.select(
                "line_id", "member_key", family.alias("family"), start, npi, "days", "days_source"
            ),
            ["member_key"],
            several,
        )
        suppliers = (
            supplied.group_by(SUPPLY)
            .agg(npi.min().alias("one"), npi.max().alias("another"))
            .filter(pl.col("one") != pl.col("another"))
        )
        shared = supplied.join(suppliers, on=SUPPLY, how="semi")
        days = pl.when(pl.col("days_source") != "next fill").then("days").max()
        fills = shared.group_by(FILL).agg(
            (start.first() + pl.duration(days=days - 1)).alias("end"), alike.FIRST.alias("named")
        )
        answers = _answers(fills, p.overlap_days)
        known = pl.col("overlap").is_not_null()
        message = "two suppliers supply the member for the same days"
        return shared.join(answers, on=FILL).select(
            "line_id",
            pl.when(known).then(pl.lit(message)).alias("message"),
            pl.format(
                "{} to {}, {} days of them beside {}", start, "end", "overlap", "other"
            ).alias("observed"),
            pl.lit(f"at most {p.overlap_days} days beside another supplier").alias("expected"),
            "related",
        )

    return MemberFinding(find=find)


def _answers(fills: pl.LazyFrame, allowed: int) -> pl.LazyFrame:
    """The fills that overlap one of another supplier by more than `allowed` days.

    Only fills of one run are compared: a run ends where all that began before has, but for
    `allowed` days, run out.

    Returns:
        `FILL`, `end`, the longest `overlap` (days; null where it cannot be told), the `other`
        NPI, and the lines of its fill as `related`.
    """
    start, end, overlap = pl.col("service_from_date"), pl.col("end"), pl.col("overlap")
    order = ["service_from_date", "billing_npi"]
    supplied = end.cum_max().shift(1).over(SUPPLY, order_by=order)
    begins = (start > supplied - pl.duration(days=allowed)).fill_null(True)
    runs = (
        fills.filter(end.is_not_null())
        .with_columns(begins.alias("run"))
        .with_columns(pl.col("run").cum_sum().over(SUPPLY, order_by=order))
        .with_columns((pl.len().over(*SUPPLY, "run") > MOST_FILLS).alias("crowded"))
    )
    others = runs.select(
        *SUPPLY,
        "run",
        start.alias("other_start"),
        end.alias("other_end"),
        pl.col("billing_npi").alias("other"),
        pl.col("named").alias("related"),
    )
    until = pl.min_horizontal("end", "other_end")
    since = pl.max_horizontal("service_from_date", "other_start")
    longest = (
        runs.filter(~pl.col("crowded"))
        .join(others, on=[*SUPPLY, "run"])
        .with_columns(((until - since).dt.total_days() + 1).alias("overlap"))
        .filter((pl.col("billing_npi") != pl.col("other")) & (overlap > allowed))
        .sort("overlap", "other_start", "other", descending=[True, False, False])
        .unique(FILL, keep="first", maintain_order=True)
        .select(*FILL, "end", "overlap", "other", "related")
    )
    unknown = [fills.filter(end.is_null()).select(FILL), runs.filter("crowded").select(FILL)]
    return pl.concat([longest, *unknown], how="diagonal")

"""Which lines stand close to others of their member: the sieve before lines are compared.

Most lines are the only one of their code on their day, on a claim whose lines are numbered 1, 2, 3.
No rule on duplicates or daily totals need look at these again. Both facts are worked out of the
lines that no void or replacement took back; on the others they are null.
"""

from __future__ import annotations

import polars as pl

from claim_audit.rules import alike

CLAIM = ("member_key", "claim_id", "claim_frequency_code", "claim_version")
DAY = ("member_key", "hcpcs_code", "service_from_date")

MOST = 50
"""Lines of a claim up to which the cheap test of `_numbered` does."""


def company(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with two more columns.

    `in_order` (Boolean): the lines of the claim, in the version at hand, are numbered 1 to n, each
    number once; never true of a claim of more than `MOST` lines.
    `same_day` (Boolean): the member has another line of the code on that first date of service.
    """
    live = ~pl.col("superseded")
    keyed = lines.select(
        "claim_line_number",
        pl.when(live).then(alike.fingerprint(CLAIM)).alias("claim"),
        pl.when(live).then(alike.fingerprint(DAY)).alias("day"),
    )
    odd = {"claim": ~_numbered(), "day": pl.len() > 1}
    groups = pl.collect_all(
        (
            keyed.lazy().drop_nulls(key).group_by(key).agg(condition.alias("odd")).filter("odd")
            for key, condition in odd.items()
        ),
        engine="streaming",
    )
    claim, day = (
        pl.col(key).is_in(found[key].implode()) for key, found in zip(odd, groups, strict=True)
    )
    return lines.hstack(keyed.select((~claim).alias("in_order"), day.alias("same_day")))


def _numbered() -> pl.Expr:
    """Whether the lines of a group are numbered 1 to n, each number once.

    With 2⁰ for line 1, 2¹ for line 2 and so on, n lines come to 2ⁿ - 1 only if their numbers are
    1 to n, each once.
    """
    number, lines = pl.col("claim_line_number"), pl.len()
    powers = pl.when(number.is_between(1, MOST)).then(pl.lit(2, pl.Int64) ** (number - 1))
    return (lines <= MOST) & (powers.sum() == pl.lit(2, pl.Int64) ** lines.clip(0, MOST) - 1)

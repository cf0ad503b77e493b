"""Which lines stand close to others of their member: the sieve before lines are compared.

Most lines are the only one of their code on their day, on a claim whose lines are numbered 1, 2, 3.
No rule on duplicates or daily totals need look at these again. Both facts are worked out of the
lines that no void or replacement took back; on the others they are null.
"""

from __future__ import annotations

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.line import any_of

CLAIM = ("member_key", "claim_id", "claim_frequency_code", "claim_version")
DAY = ("member_key", "hcpcs_code", "service_from_date")

MOST = 50
"""Lines of a claim up to which it may be in order."""
PLACES = 64
"""More than `MOST`: so many numbers of lines are told apart."""


def company(lines: pl.DataFrame) -> pl.DataFrame:
    """Two columns about each of the lines.

    `in_order` (Boolean): the lines of the claim, in the version at hand, are numbered 1 to n, each
    number once; never true of a claim of more than `MOST` lines.
    `same_day` (Boolean): the member has another line of the code on that first date of service.

    Lines of a claim, and of a day, come to stand together by sorting their fingerprints; the last
    bits of a claim's give way to the number of the line, so that a claim in order is 1, 2, 3.
    """
    live = ~pl.col("superseded")
    number = pl.col("claim_line_number")
    place = pl.when(number.is_between(1, MOST)).then(number).otherwise(PLACES - 1).cast(pl.UInt64)
    keyed = lines.select(
        pl.when(live).then(_claim(alike.fingerprint(CLAIM)) * PLACES + place).alias("claim"),
        pl.when(live).then(alike.fingerprint(DAY)).alias("day"),
    )
    ordered = keyed.select(pl.all().sort())
    claim, day = pl.col("claim"), pl.col("day")
    follows = claim == claim.shift() + 1
    begins = _claim(claim).ne_missing(_claim(claim.shift())) & (claim % PLACES == 1)
    jumbled = ordered.filter(~any_of([follows.fill_null(False), begins])).select(_claim(claim))
    shared = ordered.filter(day == day.shift()).select(day)
    return keyed.select(
        (~_claim(claim).is_in(jumbled["claim"].implode())).alias("in_order"),
        day.is_in(shared["day"].implode()).alias("same_day"),
    )


def _claim(key: pl.Expr) -> pl.Expr:
    return key // PLACES

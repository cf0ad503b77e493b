"""Other measures that a wrong number of units may have been counted in.

A candidate explains a line when its use a day is implausible as billed, and plausible once the
units are read in the other measure. Where two explain a line, both are named.

Source: HCPCS descriptors (J1817 per 50 insulin units, J1815 per 5); a 10 mL vial of U-100 holds
1,000 insulin units, a box ten infusion sets. The limits are own and meant to be wide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from claim_audit.rules import alike, words
from claim_audit.rules.daily import BILLED, DAYS, INSULIN_USE, SET_USE, SUPPLY_USE, UNITS, Use
from claim_audit.rules.form import Finding, MemberFinding, Params
from claim_audit.rules.held import held

USUAL_DOSE: Final = (10, 150)
"""Insulin units a day that need no explanation."""


@dataclass(frozen=True)
class Candidate:
    """A measure that may have been counted in place of the code's.

    Attributes:
        counted: what was counted, in words.
        use: the code's own measure.
        times, over: billed units × `times` ÷ `over` are the units meant.
        limits: `billed_above` or `billed_below`, where the use a day is implausible as billed;
            `meant_from` and `meant_to`, where it is plausible when read anew (both included);
            `days_from`, the shortest supply for which that can be told.
    """

    counted: str
    use: Use
    limits: Mapping[str, float]
    times: int = 1
    over: int = 1

    def within(self, p: Params) -> Candidate:
        """The candidate with the limits that a rule's parameters give."""
        return replace(self, limits=vars(p))

    @property
    def meant_a_day(self) -> pl.Expr:
        """The use a day of the units meant."""
        return UNITS.cast(pl.Float64) * (self.use.per_unit * self.times) / (DAYS * self.over)

    @property
    def explains(self) -> pl.Expr:
        """Whether this explains the line."""
        above = self.limits.get("billed_above", float("inf"))
        below = self.limits.get("billed_below", 0)
        plausible = self.meant_a_day.is_between(self.limits["meant_from"], self.limits["meant_to"])
        implausible = (self.use.a_day > above) | (self.use.a_day < below)
        long_enough = DAYS.ge(self.limits.get("days_from", 1))
        return implausible & plausible & long_enough

    @property
    def repair(self) -> pl.Expr:
        """What to bill if this is how it was; null where it does not explain the line."""
        units = words.number((UNITS.cast(pl.Float64) * self.times / self.over).round(2))
        return pl.when(self.explains).then(pl.format(f"bill {{}} units if {self.counted}", units))

    @property
    def plausible(self) -> str:
        """What the use a day should come to."""
        low, high = self.limits["meant_from"], self.limits["meant_to"]
        return f"{low:g} to {high:g} {self.use.counted} a day"


SINGLE_INSULIN_UNITS: Final = Candidate(
    counted="single insulin units were counted",
    use=INSULIN_USE,
    over=50,
    limits={"billed_above": 300, "meant_from": 10, "meant_to": 200},
)
FIVE_INSULIN_UNITS: Final = Candidate(
    counted="units of 5 insulin units were counted",
    use=INSULIN_USE,
    over=10,
    limits={"billed_above": 300, "meant_from": 10, "meant_to": 150},
)
VIALS: Final = Candidate(
    counted="vials of 10 mL were counted",
    use=INSULIN_USE,
    times=20,
    limits={"billed_below": 16, "meant_from": 10, "meant_to": 150, "days_from": 28},
)
BOXES: Final = Candidate(
    counted="boxes of ten were counted",
    use=SUPPLY_USE,
    times=10,
    limits={"billed_below": 0.14, "meant_from": 0.2, "meant_to": 1.0, "days_from": 28},
)
SETS_TWICE: Final = Candidate(
    counted="single sets were counted and then multiplied by a box of ten",
    use=SET_USE,
    over=10,
    limits={"billed_above": 1.0, "meant_from": 0.2, "meant_to": 0.7},
)


def repairs(*candidates: Candidate) -> pl.Expr:
    """What to bill, by each candidate that explains the line; null where none does."""
    named = pl.concat_str(
        [candidate.repair for candidate in candidates], separator="; or ", ignore_nulls=True
    )
    return pl.when(named != "").then(named)


def finding(candidate: Candidate, message: str) -> Finding:
    """The finding that a candidate explains the line."""
    return Finding(
        population=BILLED,
        violation=candidate.explains,
        message=message,
        observed=candidate.use.in_words,
        expected=candidate.plausible,
        suggestion=repairs(candidate),
    )


def insulin_finding(
    candidate: Candidate, rival: Candidate, message: str, observed: pl.Expr
) -> MemberFinding:
    """The finding that a candidate explains a line of insulin, weighed against a rival.

    Where both do, the one closer to the member's usual dose comes first. The usual dose is the
    median of the member's lines that need no explanation. Without one, single insulin units come
    first where the units are a multiple of 50.
    """
    single, other = sorted([candidate, rival], key=lambda named: -named.over)
    usual, dose = pl.col("usual"), candidate.use.a_day

    def distance(of: Candidate) -> pl.Expr:
        return (of.meant_a_day / usual).log().abs()

    single_first = (distance(single) <= distance(other)).fill_null(UNITS % 50 == 0)
    both = single.explains & other.explains

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        used = lines.select("line_id", "member_key", "units", "days", "days_source", "superseded")
        explained = held(used.filter(candidate.explains))
        doses = (
            alike.among(used, pl.col("member_key"), explained.select("member_key"))
            .filter(~pl.col("superseded") & dose.is_between(*USUAL_DOSE))
            .group_by("member_key")
            .agg(dose.median().alias("usual"))
        )
        ranked = (
            pl.when(single_first).then(repairs(single, other)).otherwise(repairs(other, single))
        )
        history = pl.format("; the member's usual dose is {} a day", words.rounded(usual))
        return explained.join(doses, on="member_key", how="left").select(
            "line_id",
            pl.lit(message).alias("message"),
            observed.alias("observed"),
            pl.lit(candidate.plausible).alias("expected"),
            pl.concat_str(ranked, pl.when(both).then(history), ignore_nulls=True).alias(
                "suggestion"
            ),
        )

    return MemberFinding(find=find, population=BILLED)

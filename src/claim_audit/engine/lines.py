"""What checks say of lines, and how many lines they looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from claim_audit.engine.compile import LineCheck
from claim_audit.rules.line import any_of


@dataclass(frozen=True)
class Tally:
    """How many lines a check looked at. All are counts of lines."""

    population: int = 0
    evaluated: int = 0
    no_reference: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Tallies of two parts of the batch, or of two checks of a rule."""
        return Tally(
            self.population + other.population,
            self.evaluated + other.evaluated,
            self.no_reference + other.no_reference,
            self.failed + other.failed,
        )


def added(parts: Iterable[Mapping[str, Tally]]) -> dict[str, Tally]:
    """Tallies by name, of several parts of the batch, added up."""
    found: dict[str, Tally] = {}
    for part in parts:
        for name, tally in part.items():
            found[name] = found.get(name, Tally()) + tally
    return found


@dataclass(frozen=True)
class Verdicts:
    """What checks say of lines, in two steps: Boolean columns by name.

    Polars works an expression with a look-up out anew wherever it stands, so what is said several
    times is a column first.

    Attributes:
        first: per check whom it is about, and whether it is broken (null: cannot be told).
        then: made of these: who fails a check, under its name, and whom it judges: behind a bar
            `population`, `evaluated`, `no_reference`.
    """

    first: Mapping[str, pl.Expr]
    then: Mapping[str, pl.Expr]

    @classmethod
    def of(cls, checks: Sequence[LineCheck]) -> Verdicts:
        """The verdicts of these checks."""
        first: dict[str, pl.Expr] = {}
        then: dict[str, pl.Expr] = {}
        for check in checks:
            about, broken = f"{check.name}|about", f"{check.name}|broken"
            judged, violation = check.judged, pl.col(broken)
            first[broken] = check.finding.violation
            if judged.population.meta.root_names():
                first[about] = judged.population
                judged = replace(judged, population=pl.col(about))
            then[check.name] = judged.evaluated & violation.fill_null(False)
            then[f"{check.name}|population"] = judged.population
            then[f"{check.name}|evaluated"] = judged.evaluated & violation.is_not_null()
            then[f"{check.name}|no_reference"] = judged.no_reference
        return cls(first, then)


def tallies(counts: Mapping[str, int], checks: Sequence[LineCheck]) -> dict[str, Tally]:
    """Tallies by the name of the check, of how many lines are true by the name of the verdict."""
    return {
        check.name: Tally(
            failed=counts[check.name],
            **{
                count: counts[f"{check.name}|{count}"]
                for count in ("population", "evaluated", "no_reference")
            },
        )
        for check in checks
    }


def failing(checks: Sequence[LineCheck]) -> pl.Expr:
    """Whether a line fails any of the checks."""
    return any_of(pl.col(check.name) for check in checks)

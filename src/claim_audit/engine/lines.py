"""The line pass: every line check over every line, in one plan and one scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


def verdicts(checks: Sequence[LineCheck]) -> dict[str, pl.Expr]:
    """Boolean columns by name: per check who fails (under its name), and whom it judges."""
    return {
        name: expr
        for check in checks
        for name, expr in (
            (check.name, check.violation),
            (f"{check.name}|population", check.judged.population),
            (f"{check.name}|evaluated", check.judged.evaluated),
            (f"{check.name}|no_reference", check.judged.no_reference),
        )
    }


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


def count_true(condition: pl.Expr) -> pl.Expr:
    """How many lines meet a condition, also where it is the same for all of them."""
    if condition.meta.root_names():
        return condition.sum()
    return pl.when(condition).then(pl.len()).otherwise(0).first()

"""The line pass: every line check over every line, in one plan and one scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def masked(lines: pl.LazyFrame, checks: Sequence[LineCheck]) -> pl.LazyFrame:
    """The lines with one Boolean column per check, true where the line fails it."""
    return lines.with_columns(check.violation.alias(check.name) for check in checks)


def count_true(condition: pl.Expr) -> pl.Expr:
    """How many lines meet a condition, also where it is the same for all of them."""
    if condition.meta.root_names():
        return condition.sum()
    return pl.when(condition).then(pl.len()).otherwise(0).first()


def tallies(checks: Sequence[LineCheck]) -> list[pl.Expr]:
    """Aggregations that count, for every check, whom it judged and who failed."""
    return [
        count_true(expr).alias(f"{check.name}|{count}")
        for check in checks
        for count, expr in (
            ("population", check.judged.population),
            ("evaluated", check.judged.evaluated),
            ("no_reference", check.judged.no_reference),
            ("failed", pl.col(check.name)),
        )
    ]


def read_tallies(counts: pl.DataFrame, checks: Sequence[LineCheck]) -> Mapping[str, Tally]:
    """The counts of `tallies`, by the name of the check."""
    row = counts.row(0, named=True)
    return {
        check.name: Tally(
            **{
                count: int(row[f"{check.name}|{count}"] or 0)
                for count in ("population", "evaluated", "no_reference", "failed")
            }
        )
        for check in checks
    }


def failing(checks: Sequence[LineCheck]) -> pl.Expr:
    """Whether a line fails any of the checks."""
    return any_of(pl.col(check.name) for check in checks)

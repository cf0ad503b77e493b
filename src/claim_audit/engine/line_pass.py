"""The line pass: every line check over every line, by its kind where its marks will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from claim_audit.contract.claim_line import FIELDS
from claim_audit.engine.compile import LineCheck
from claim_audit.engine.facts import Facts
from claim_audit.engine.kinds import kinds
from claim_audit.engine.lines import Tally, Verdicts, tallies
from claim_audit.lookup import gathered
from claim_audit.rules.line import any_of


@dataclass(frozen=True)
class LinePass:
    """What came of lines judged one by one.

    Attributes:
        lines: the lines in their order: the columns asked for, and `fails` (Boolean), whether the
            line fails any of the checks.
        kinds: the columns asked of kinds of line, and how many lines are of each, `n` (UInt32).
        tallies: by name of the check.
    """

    lines: pl.DataFrame
    kinds: pl.DataFrame
    tallies: Mapping[str, Tally]


def judged(
    lines: pl.LazyFrame,
    columns: Mapping[str, pl.Expr],
    of_kind: Mapping[str, pl.Expr],
    checks: Sequence[LineCheck],
    facts: Facts,
) -> LinePass:
    """Judge claim lines one by one.

    Args:
        lines: claim lines (see `contract.cells.claim_lines`).
        columns: expressions over fields and facts, by name.
        of_kind: expressions over marks and their facts, by name.
        checks: the checks, none of which needs member facts.
        facts: the facts of the run.
    """
    verdicts = Verdicts.of(checks)
    exprs = {**of_kind, **columns, **verdicts.first, **verdicts.then}
    wanted = _read(exprs)
    found = kinds(lines, facts.marks)
    about = facts.of_marks(found.table.lazy(), wanted)
    first, first_of_line = _apart(verdicts.first, set(about.collect_schema()))
    about = about.with_columns(**first)
    marks = set(about.collect_schema())
    by_kind, by_line = _apart({**of_kind, **columns, **verdicts.then}, marks)
    read = _read({**first_of_line, **by_line})
    needed = (read | facts.needs(read - marks)) & marks - set(FIELDS)
    table = (
        about.select("n", *sorted(needed - set(by_kind)), **by_kind)
        .with_columns(fails=any_of(pl.col(c.name) for c in checks if c.name in by_kind))
        .collect()
    )
    looked_up = {name: gathered(table[name], pl.col("kind")) for name in table.columns}
    there = {name: pl.col(name) for name in sorted(needed)}
    shown = {**by_line, **looked_up, **there}
    failing = ("fails", *(check.name for check in checks if check.name in by_line))
    whole = (
        pl.concat([lines, found.of_lines.lazy()], how="horizontal")
        .with_columns(**{name: looked_up[name] for name in there})
        .pipe(facts.of_lines, wanted)
        .with_columns(**first_of_line)
        .select(
            **{name: shown[name] for name in columns},
            **{name: expr for name, expr in verdicts.then.items() if name in by_line},
            fails=looked_up["fails"],
        )
        .with_columns(fails=any_of(pl.col(name) for name in failing))
        .collect()
    )
    true = {
        name: int((table[name] * table["n"]).sum() if name in by_kind else whole[name].sum())
        for name in verdicts.then
    }
    return LinePass(
        lines=whole[[*columns, "fails"]],
        kinds=table.select("n", *of_kind),
        tallies=tallies(true, checks),
    )


def _apart(
    exprs: Mapping[str, pl.Expr], marks: set[str]
) -> tuple[dict[str, pl.Expr], dict[str, pl.Expr]]:
    """The expressions that read marks only, and the others."""
    by_kind = {name: expr for name, expr in exprs.items() if _read({name: expr}) <= marks}
    return by_kind, {name: expr for name, expr in exprs.items() if name not in by_kind}


def _read(exprs: Mapping[str, pl.Expr]) -> set[str]:
    """The columns that expressions read."""
    return set().union(*(expr.meta.root_names() for expr in exprs.values()))

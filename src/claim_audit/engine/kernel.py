"""The kernel: claim lines, rules and a profile in, exceptions and counts out.

It is a pure function. Lines come in stretches, one at a time in memory; checks that need more than
a line see the lines of one member only, so these go on in buckets of whole members. Judging the
parts of any partition by member and adding up gives what judging the whole gives. Whoever runs it
(this machine, a cluster) decides the partition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import TypeVar

import polars as pl

from claim_audit.contract import judge as judges
from claim_audit.contract.claim_line import NPIS
from claim_audit.contract.mapping import record_number
from claim_audit.engine import benchmarks, exceptions, line_pass, members
from claim_audit.engine.aside import Aside
from claim_audit.engine.benchmarks import Usage
from claim_audit.engine.compile import BREAKS, MEMBER_FACTS, Compiled
from claim_audit.engine.exceptions import Part
from claim_audit.engine.facts import Facts
from claim_audit.engine.lines import Tally, added
from claim_audit.engine.members import MemberPass
from claim_audit.errors import ClaimAuditError
from claim_audit.rules.line import Line
from claim_audit.stages import Stages

T = TypeVar("T")

Lines = Callable[[pl.Expr], pl.LazyFrame]
"""Gives the claim lines (see `contract.cells.claim_lines`) of the records that meet a condition on
`source_row`."""
EVERY = pl.lit(True)
"""The condition that every record meets."""


@dataclass(frozen=True)
class Judgement:
    """What the kernel found in some lines.

    Attributes:
        tallies: by name of the check.
        parts: the findings, of each stretch.
        usage: what the benchmarks table is made of.
        superseded: lines that a void or replacement took back.
    """

    tallies: Mapping[str, Tally]
    parts: Sequence[Part]
    usage: Usage
    superseded: int


class StepError(Exception):
    """A step of the work broke; `step` does it once more, with the checks that it gets."""

    def __init__(self, step: Callable[[Compiled], object]) -> None:
        super().__init__("a step of the work broke")
        self.step = step


def audit_lines(
    stretches: Sequence[Lines],
    compiled: Compiled,
    line: Line,
    aside: Aside,
    stages: Stages,
) -> Judgement:
    """Judge claim lines among which every member is whole.

    Args:
        stretches: the lines, in their order; at least one.
        compiled: the checks.
        line: the run's vocabulary, with reference and profile.
        aside: where waits what is needed later.
        stages: measures what each stage takes.

    Raises:
        StepError: a check broke.
        InternalError: masks and judge disagree.
    """
    facts = Facts(line)
    buckets = members.Buckets(len(stretches), aside)
    passes: list[_LinePass] = []
    with stages("lines"):
        for lines in stretches:
            done, of_members = _done(partial(_line_pass, lines(EVERY), facts), compiled)
            passes.append(done)
            buckets.add(of_members)
    with stages("members"):
        steps = (partial(members.judge, some, line) for some in buckets.whole())
        by_member = reduce(add, (_done(step, compiled) for step in steps))
    counted = added([*(done.tallies for done in passes), by_member.tallies])
    parts: list[Part] = []
    judged_again: Counter[str] = Counter()
    with stages("failing"):
        for lines, done in zip(stretches, passes, strict=True):
            step = partial(_second_look, lines, done, by_member, facts)
            again, found, context = _done(step, compiled)
            judged_again.update(again)
            parts.append(Part(aside.put(found), aside.put(context)))
        masks = {check.name: counted[check.name].failed for check in compiled.line}
        judges.agree(masks, judged_again)
    return Judgement(
        tallies=counted,
        parts=parts,
        usage=benchmarks.merged([*(done.usage for done in passes), by_member.usage]),
        superseded=by_member.superseded,
    )


def _done(step: Callable[[Compiled], T], compiled: Compiled) -> T:
    """What a step gives; what breaks in it is raised as the cause of `StepError`."""
    try:
        return step(compiled)
    except ClaimAuditError:
        raise
    except BREAKS as broken:
        raise StepError(step) from broken


@dataclass(frozen=True)
class _LinePass:
    """What came of a stretch line by line, and the `line_id` of its first and last line."""

    tallies: Mapping[str, Tally]
    failing: pl.Series
    usage: Usage
    first: int | None
    last: int | None


def _line_pass(
    lines: pl.LazyFrame, facts: Facts, compiled: Compiled
) -> tuple[_LinePass, pl.DataFrame]:
    """Judge the lines of a stretch one by one; with what judging members takes of them."""
    line = facts.line
    of_members = members.columns(compiled, line)
    columns = {**members.narrowed(of_members, line), **benchmarks.columns(line)}
    passed = line_pass.judged(lines, columns, benchmarks.of_kind(line), compiled.alone, facts)
    judged, line_id = passed.lines, pl.col("line_id")
    first, last = judged.select(line_id.min().alias("first"), line_id.max().alias("last")).row(0)
    done = _LinePass(
        tallies=passed.tallies,
        failing=judged["line_id"].filter(judged["fails"]),
        usage=benchmarks.of_lines(judged, passed.kinds, line),
        first=first,
        last=last,
    )
    absent = members.absent(of_members, line)
    there = sorted((of_members | benchmarks.OF_MEMBERS) - set(absent))
    return done, judged[there].rechunk().with_columns(**absent)


def _second_look(
    lines: Lines, done: _LinePass, by_member: MemberPass, facts: Facts, compiled: Compiled
) -> tuple[Mapping[str, int], pl.DataFrame, pl.DataFrame]:
    """The failing lines of a stretch: how many the judge counts by name of the check, the findings,
    and what exceptions say of these lines."""
    here = pl.col("line_id").is_between(done.first, done.last)
    of_members, known = by_member.found.filter(here), by_member.failing.filter(here)
    ids = pl.concat([done.failing, of_members["line_id"], known["line_id"]]).unique()
    broken = _failing_lines(lines, ids, known, facts, compiled)
    judged = _ask_the_judge(broken, compiled)
    again = judges.counted(judged)
    marked = broken.hstack(judged.get_columns()).lazy()
    texts = [exceptions.from_lines(marked, check) for check in compiled.line if again[check.name]]
    found = [exceptions.no_rows(), *pl.collect_all(texts, engine="in-memory"), of_members]
    context = broken.select(expr.alias(name) for name, expr in exceptions.CONTEXT.items())
    return again, pl.concat(found, how="diagonal"), context


def _failing_lines(
    lines: Lines, ids: pl.Series, known: pl.DataFrame, facts: Facts, compiled: Compiled
) -> pl.DataFrame:
    """The lines with everything that their exceptions will say; `known` has their member facts."""
    shown = exceptions.CONTEXT_COLUMNS.union(*(check.columns for check in compiled.line))
    records = ids.to_frame("line_id").select(record_number(pl.col("line_id")))["line_id"].unique()
    there = lines(pl.col("source_row").is_in(records.implode())).join(
        ids.to_frame("line_id").lazy(), on="line_id", how="semi"
    )
    return (
        facts.of_lines(facts.of_marks(facts.marks.on(there), shown), shown)
        .select(sorted((shown - set(MEMBER_FACTS)) | {"line_id"}))
        .collect()
        .join(known, on="line_id", how="left")
        .sort("line_id")
    )


def _ask_the_judge(broken: pl.DataFrame, compiled: Compiled) -> pl.DataFrame:
    """Which lines pandera finds failing: a Boolean column by the name of each check.

    Raises:
        InternalError: it does not agree about misshapen NPIs.
    """
    npis = [npi for npi in NPIS if f"{npi}_valid" in broken.columns]
    misshapen = {npi: int((~broken[f"{npi}_valid"]).sum()) for npi in npis}
    judges.agree(misshapen, judges.shapes(broken.select(npis)))
    return judges.verdict(broken, {check.name: check.violation for check in compiled.line})

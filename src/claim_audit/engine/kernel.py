"""The kernel: claim lines, rules and a profile in, exceptions and tallies out.

It is a pure function. Checks that need more than a line see the lines of one member only, so
that judging the parts of any partition by member and adding up gives what judging the whole
gives. Whoever runs it (this machine, a cluster) decides the partition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from claim_audit.contract import judge as judges
from claim_audit.contract.claim_line import NPIS
from claim_audit.contract.mapping import record_number
from claim_audit.engine import exceptions, facts, members
from claim_audit.engine.compile import MEMBER_FACTS, Compiled, LineCheck
from claim_audit.engine.lines import Tally, failing, masked, tallies, verdicts
from claim_audit.rules.line import Line


@dataclass(frozen=True)
class Judgement:
    """What the kernel found in some lines.

    Attributes:
        tallies: by name of the check.
        found: rows of the failing lines: `line_id`, `rule_id`, the texts, `related`.
        context: one row per failing line, columns of `exceptions.CONTEXT`.
        superseded: lines that a void or replacement took back.
    """

    tallies: dict[str, Tally]
    found: pl.DataFrame
    context: pl.DataFrame
    superseded: int


def audit_lines(lines: pl.LazyFrame, compiled: Compiled, line: Line) -> Judgement:
    """Judge claim lines in which every member is whole.

    Args:
        lines: claim lines (see `contract.cells.claim_lines`).
        compiled: the checks.
        line: the run's vocabulary, with reference and profile.

    Raises:
        InternalError: masks and judge disagree.
    """
    alone = [check for check in compiled.line if not check.needs_member]
    together = [check for check in compiled.line if check.needs_member]
    of_members = members.columns([*compiled.member, *together], line)
    of_lines = of_members.union(*(check.columns for check in alone))
    known = facts.attach(lines, of_lines, line)
    narrow = members.narrowed(of_members, line)
    judged = known.select(*narrow, *verdicts(alone)).collect(engine="streaming")
    by_member = members.judge(judged.select(sorted(of_members)), compiled.member, together, line)
    all_tallies = {**tallies(judged, alone), **by_member.tallies}
    member_rows = [
        by_member.found[check.name].with_columns(rule_id=pl.lit(check.rule.id))
        for check in compiled.member
    ]

    failed = [judged.filter(failing(alone)), by_member.failing, *member_rows]
    ids = pl.concat([rows["line_id"] for rows in failed]).unique()
    broken = _failing_lines(lines, ids, by_member.failing, compiled.line, line)
    _ask_the_judge(broken, compiled.line, all_tallies)
    marked = masked(broken.lazy(), compiled.line).collect().lazy()
    texts = [exceptions.from_lines(marked, check) for check in compiled.line]
    line_rows = pl.collect_all(texts, engine="in-memory")
    return Judgement(
        tallies=all_tallies,
        found=pl.concat([*line_rows, *member_rows], how="diagonal")
        if line_rows or member_rows
        else exceptions.no_rows(),
        context=broken.select(expr.alias(name) for name, expr in exceptions.CONTEXT.items()),
        superseded=by_member.superseded,
    )


def _failing_lines(
    lines: pl.LazyFrame,
    ids: pl.Series,
    member_facts: pl.DataFrame,
    checks: Sequence[LineCheck],
    line: Line,
) -> pl.DataFrame:
    """The failing lines with everything that their exceptions will say."""
    shown = exceptions.CONTEXT_COLUMNS.union(*(check.columns for check in checks))
    records = ids.to_frame("line_id").select(record_number(pl.col("line_id")))["line_id"].unique()
    there = lines.filter(pl.col("source_row").is_in(records.implode())).join(
        ids.to_frame("line_id").lazy(), on="line_id", how="semi"
    )
    return (
        facts.attach(there, shown, line)
        .select(sorted((shown - set(MEMBER_FACTS)) | {"line_id"}))
        .collect(engine="streaming")
        .join(member_facts, on="line_id", how="left")
        .sort("line_id")
    )


def _ask_the_judge(
    broken: pl.DataFrame, checks: Sequence[LineCheck], counted: dict[str, Tally]
) -> None:
    masks = {check.name: counted[check.name].failed for check in checks}
    verdict = judges.verdict(broken, {check.name: check.violation for check in checks})
    judges.agree(masks, verdict)
    npis = [npi for npi in NPIS if f"{npi}_valid" in broken.columns]
    misshapen = {npi: int((~broken[f"{npi}_valid"]).sum()) for npi in npis}
    judges.agree(misshapen, judges.shapes(broken.select(npis)))

"""One audit on this machine: files to judgement, in memory that does not grow with the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

import polars as pl

from claim_audit import errors, machine
from claim_audit.config import AuditConfig
from claim_audit.contract import judge
from claim_audit.engine import benchmarks, exceptions, kernel, outcomes
from claim_audit.engine.aside import Aside, InFolder, InMemory
from claim_audit.engine.compile import Compiled, compile_rules, described
from claim_audit.engine.lines import Tally
from claim_audit.engine.stretches import cut, surveyed
from claim_audit.ingest import Extract
from claim_audit.reference.tables import Reference
from claim_audit.rules.form import Rule
from claim_audit.rules.line import Line
from claim_audit.rules.profile import Profile, profile
from claim_audit.rules.registry import all_rules, choose
from claim_audit.stages import Stages


@dataclass(frozen=True)
class Audit:
    """What an audit found, before it is reported.

    Attributes:
        exceptions, rule_outcomes, benchmarks: the tables.
        profile: the batch statistics.
        rules: the rules that ran.
        superseded: lines that a void or replacement took back.
        rule_errors: rules that broke, with what broke.
    """

    exceptions: pl.DataFrame
    rule_outcomes: pl.DataFrame
    benchmarks: pl.DataFrame
    profile: Profile
    rules: tuple[Rule, ...]
    superseded: int
    rule_errors: Mapping[str, str]


def audit_extract(
    extract: Extract, reference: Reference, config: AuditConfig, work: Path, stages: Stages
) -> Audit:
    """Judge all claim lines of an extract, and measure the stages of that.

    Args:
        extract: the files, read.
        reference: the tables.
        config: the settings.
        work: a folder for what memory need not hold.
        stages: measures.

    Raises:
        ClaimAuditError: a column cannot be read, or a rule or parameter that is named does not
            exist.
        InternalError: masks and judge disagree.
    """
    rules = choose(config.select, config.ignore)
    check_parameters(config.params)
    parts = cut(extract.files, machine.memory_budget(config.memory_budget))
    aside: Aside = InFolder(work)
    with stages("survey"):
        if len(parts) == 1:
            parts, aside = [parts[0].held()], InMemory()
        surveys = surveyed(parts)
    with stages("profile"):
        batch = profile(
            extract.files,
            [surveys[file.number] for file in extract.files],
            reference,
            as_of=config.as_of,
            bare_medicare=config.bare_medicare,
        )
    with stages("plan"):
        lines = [part.lines(surveys) for part in parts]
        judge.gate(pl.concat(lines))
        line = Line(reference, batch)
        compiled = compile_rules(rules, line, config.params)
    judgement, compiled = judged(lines, compiled, line, aside, stages)
    of_batch, batch_tallies, broken = audit_batch(rules, batch, config.params)
    compiled = compiled.without(broken)
    with stages("exceptions"):
        names = {file.number: file.name for file in extract.files}
        table = exceptions.table(judgement.parts, of_batch, rules, names, aside).select(
            *exceptions.SCHEMA
        )
        off = [] if config.select else [rule for rule in all_rules().values() if not rule.default]
        rule_outcomes = outcomes.table(
            rules,
            off,
            by_rule(judgement.tallies, batch_tallies),
            compiled.absent,
            compiled.crashed,
            table,
        )
    with stages("benchmarks"):
        usage = benchmarks.table(judgement.usage, line)
    return Audit(
        exceptions=table,
        rule_outcomes=rule_outcomes,
        benchmarks=usage,
        profile=batch,
        rules=tuple(rules),
        superseded=judgement.superseded,
        rule_errors=compiled.crashed,
    )


def judged(
    lines: Sequence[pl.LazyFrame], compiled: Compiled, line: Line, aside: Aside, stages: Stages
) -> tuple[kernel.Judgement, Compiled]:
    """The judgement, and the checks behind it: a rule that breaks is set aside, no other."""
    try:
        return kernel.audit_lines(lines, compiled, line, aside, stages), compiled
    except kernel.StepError as broke:
        crashed = _crashed(broke.step, compiled)
        if not crashed:
            raise broke.__cause__ or broke from None
    return judged(lines, compiled.without(crashed), line, aside, stages)


def _crashed(step: Callable[[Compiled], object], compiled: Compiled) -> dict[str, str]:
    """The rules with which alone a step of the work breaks, and what breaks."""
    crashed: dict[str, str] = {}
    for rule_id in compiled.rule_ids:
        try:
            step(compiled.only(rule_id))
        except Exception as broken:
            crashed[rule_id] = described(broken)
    return crashed


def check_parameters(params: Mapping[str, Mapping[str, object]]) -> None:
    """Raise ClaimAuditError for a parameter of a rule where one of the two does not exist."""
    known = all_rules()
    for rule_id, values in params.items():
        if rule_id not in known:
            raise errors.unknown_rule(rule_id, known)
        for name in values:
            if name not in known[rule_id].params:
                raise errors.unknown_parameter(rule_id, name, known[rule_id].params)


def audit_batch(
    rules: Sequence[Rule], batch: Profile, params: Mapping[str, Mapping[str, object]]
) -> tuple[list[pl.DataFrame], dict[str, Tally], dict[str, str]]:
    """Rows, tallies by check, and what broke by rule."""
    rows: list[pl.DataFrame] = []
    tallies: dict[str, Tally] = {}
    crashed: dict[str, str] = {}
    for rule in rules:
        for number, check in enumerate(rule.batch_checks):
            try:
                found = check(batch, rule.parameters(params.get(rule.id, {})))
            except Exception as broken:
                crashed[rule.id] = described(broken)
                continue
            rows.append(found.rows.with_columns(rule_id=pl.lit(rule.id)))
            tallies[f"{rule.id}:b{number}"] = Tally(
                population=found.population, evaluated=found.population, failed=found.rows.height
            )
    return rows, tallies, crashed


def by_rule(*tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """Tallies by name of the check, added up by rule id."""
    found: dict[str, list[Tally]] = {}
    for named in tallies:
        for name, tally in named.items():
            found.setdefault(name.split(":")[0], []).append(tally)
    return {rule_id: reduce(add, of_rule) for rule_id, of_rule in found.items()}

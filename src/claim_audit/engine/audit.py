"""An audit as a whole: what every engine begins with, and what it ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add

import polars as pl

from claim_audit import errors
from claim_audit.beside import side_by_side
from claim_audit.config import AuditConfig
from claim_audit.contract.survey import Survey
from claim_audit.engine import benchmarks, outcomes
from claim_audit.engine.benchmarks import Usage
from claim_audit.engine.compile import BREAKS, Compiled, described
from claim_audit.engine.lines import Tally
from claim_audit.ingest import SourceFile
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


def chosen(config: AuditConfig) -> Sequence[Rule]:
    """The rules that the settings select.

    Raises:
        ClaimAuditError: a rule, or a parameter of one, that is named does not exist.
    """
    rules, known = choose(config.select, config.ignore), all_rules()
    for rule_id, values in config.params.items():
        if rule_id not in known:
            raise errors.unknown_rule(rule_id, known)
        for name in values:
            if name not in known[rule_id].params:
                raise errors.unknown_parameter(rule_id, name, known[rule_id].params)
    return rules


def batch_of(
    files: Sequence[SourceFile],
    surveys: Mapping[int, Survey],
    reference: Reference,
    config: AuditConfig,
) -> Profile:
    """The profile of the batch, from the surveys of its files by their numbers."""
    return profile(
        files,
        [surveys[file.number] for file in files],
        reference,
        as_of=config.as_of,
        bare_medicare=config.bare_medicare,
    )


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
            except BREAKS as broken:
                crashed[rule.id] = described(broken)
                continue
            rows.append(found.rows.with_columns(rule_id=pl.lit(rule.id)))
            tallies[f"{rule.id}:b{number}"] = Tally(
                population=found.population, evaluated=found.population, failed=found.rows.height
            )
    return rows, tallies, crashed


def concluded(
    line: Line,
    config: AuditConfig,
    compiled: Compiled,
    tallies: Mapping[str, Tally],
    exceptions: Callable[[], pl.DataFrame],
    usage: Usage,
    superseded: int,
    stages: Stages,
) -> Audit:
    """The audit of what was found.

    Args:
        line: the run's vocabulary.
        config: the settings.
        compiled: the checks that did not break.
        tallies: theirs, by name of the check.
        exceptions: makes the table.
        usage: what the benchmarks table is made of.
        superseded: lines that a void or replacement took back.
        stages: measures.
    """
    rules = chosen(config)
    off = [] if config.select else [rule for rule in all_rules().values() if not rule.default]
    with stages("tables"):
        makers: tuple[Callable[[], pl.DataFrame], ...] = (
            exceptions,
            partial(benchmarks.table, usage, line),
        )
        found, billed = side_by_side(makers)
        rule_outcomes = outcomes.table(
            rules, off, by_rule(tallies), compiled.absent, compiled.crashed, found
        )
    return Audit(
        exceptions=found,
        rule_outcomes=rule_outcomes,
        benchmarks=billed,
        profile=line.profile,
        rules=tuple(rules),
        superseded=superseded,
        rule_errors=compiled.crashed,
    )


def by_rule(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """Tallies by name of the check, added up by rule id."""
    found: dict[str, list[Tally]] = {}
    for name, tally in tallies.items():
        found.setdefault(name.split(":")[0], []).append(tally)
    return {rule_id: reduce(add, of_rule) for rule_id, of_rule in found.items()}

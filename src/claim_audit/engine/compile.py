"""From declared rules to expressions: who is judged, who cannot be, who fails.

Every check of every rule becomes four Boolean columns over the lines. Their names end in the
rule's id and the number of the check.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from claim_audit.rules.form import Finding, MemberFinding, Params, Rule
from claim_audit.rules.line import Line, all_of, any_of

MEMBER_FACTS = ("days", "days_source", "superseded", "in_order", "same_day")
"""Facts that only the lines of a member together give (see `engine.fills`, `engine.company`)."""


BREAKS = (Exception, pl.exceptions.PanicException)
"""What a rule raises that breaks; a panic in Polars is no `Exception`."""

FACT_FIELDS = {
    "member": "member_id|person_id",
    "payer": "payer_name|payer_id|claim_filing_indicator",
    "days": "",
}
"""Facts that rules read, and the fields one of which a file must have for them."""


@dataclass(frozen=True)
class Judged:
    """Who a check judges: Boolean expressions, never null.

    Attributes:
        population: whom it is about.
        present: whether the fields are there that it cannot do without.
        unknown: whether the reference says nothing.
    """

    population: pl.Expr
    present: pl.Expr
    unknown: pl.Expr

    @property
    def evaluated(self) -> pl.Expr:
        """Who can be judged, as far as fields and reference go."""
        return self.population & self.present & ~self.unknown

    @property
    def no_reference(self) -> pl.Expr:
        """Who could be judged if the reference knew."""
        return self.population & self.present & self.unknown


@dataclass(frozen=True)
class LineCheck:
    """A compiled line check."""

    rule: Rule
    name: str
    finding: Finding
    judged: Judged

    @property
    def violation(self) -> pl.Expr:
        """Which lines fail: a Boolean expression, never null."""
        return self.judged.evaluated & self.finding.violation.fill_null(False)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column that judging and reporting look at."""
        finding = self.finding
        texts = (finding.message, finding.observed, finding.expected, finding.suggestion)
        said = (*texts, finding.severity, finding.reference)
        exprs = [
            self.judged.population,
            self.judged.present,
            self.judged.unknown,
            finding.violation,
            *(text for text in said if isinstance(text, pl.Expr)),
        ]
        return frozenset().union(*(expr.meta.root_names() for expr in exprs))

    @cached_property
    def needs_member(self) -> bool:
        """Whether the check looks at a fact of the member's lines together."""
        return bool(self.columns & set(MEMBER_FACTS))


@dataclass(frozen=True)
class MemberCheck:
    """A compiled member check."""

    rule: Rule
    name: str
    finding: MemberFinding
    judged: Judged

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column that the check looks at, as far as it is declared."""
        judged = self.judged
        exprs = (judged.population, judged.present, judged.unknown, self.finding.evidence)
        declared = frozenset({*self.rule.reads, *self.rule.uses})
        return declared.union(*(expr.meta.root_names() for expr in exprs))


@dataclass(frozen=True)
class Compiled:
    """The checks of a run, and what could not be compiled.

    Attributes:
        line, member: the checks.
        absent: by rule id, the fields that no file has.
        crashed: by rule id, what broke.
    """

    line: tuple[LineCheck, ...] = ()
    member: tuple[MemberCheck, ...] = ()
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    crashed: Mapping[str, str] = field(default_factory=dict)

    @property
    def alone(self) -> Sequence[LineCheck]:
        """Line checks that look at nothing but the line."""
        return [check for check in self.line if not check.needs_member]

    @property
    def together(self) -> Sequence[LineCheck]:
        """Line checks that look at facts of the member's lines together too."""
        return [check for check in self.line if check.needs_member]

    @property
    def rule_ids(self) -> Sequence[str]:
        """Ids of the rules that have a check, each once."""
        ids = [check.rule.id for check in self.line] + [check.rule.id for check in self.member]
        return list(dict.fromkeys(ids))

    def only(self, rule_id: str) -> Compiled:
        """The checks of one rule."""
        return replace(
            self,
            line=tuple(check for check in self.line if check.rule.id == rule_id),
            member=tuple(check for check in self.member if check.rule.id == rule_id),
        )

    def without(self, crashed: Mapping[str, str]) -> Compiled:
        """The checks of the rules that did not crash."""
        return replace(
            self,
            line=tuple(check for check in self.line if check.rule.id not in crashed),
            member=tuple(check for check in self.member if check.rule.id not in crashed),
            crashed={**self.crashed, **crashed},
        )


def compile_rules(
    rules: Sequence[Rule], line: Line, overrides: Mapping[str, Mapping[str, Any]]
) -> Compiled:
    """Compile the line and member checks of `rules` for this run's line.

    A rule that reads a field which no file maps is not compiled; `absent` names its fields.
    """
    absent = {rule.id: missing for rule in rules if (missing := _absent(rule, line))}
    line_checks: list[LineCheck] = []
    member_checks: list[MemberCheck] = []
    crashed: dict[str, str] = {}
    for rule in rules:
        if rule.id in absent:
            continue
        params = rule.parameters(overrides.get(rule.id, {}))
        try:
            of_lines = list(_line_checks(rule, line, params))
            of_members = list(_member_checks(rule, line, params))
        except BREAKS as broken:
            crashed[rule.id] = described(broken)
        else:
            line_checks += of_lines
            member_checks += of_members
    return Compiled(tuple(line_checks), tuple(member_checks), absent, crashed)


def described(broken: BaseException) -> str:
    """What broke and where, without the exception's own text, which may hold cell values."""
    frame = traceback.extract_tb(broken.__traceback__)[-1]
    return f"{type(broken).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


def _absent(rule: Rule, line: Line) -> tuple[str, ...]:
    """Fields that the rule cannot do without and that no file has."""
    required = (FACT_FIELDS.get(name, name) for name in (*rule.reads, *rule.needs))
    return tuple(
        fields for fields in required if fields and not set(fields.split("|")) & line.profile.mapped
    )


def _line_checks(rule: Rule, line: Line, params: Params) -> Iterator[LineCheck]:
    for number, check in enumerate(rule.line_checks):
        finding = check(line, params)
        yield LineCheck(
            rule=rule,
            name=f"{rule.id}:{number}",
            finding=finding,
            judged=_judged(rule, line, finding.population, finding.no_reference),
        )


def _member_checks(rule: Rule, line: Line, params: Params) -> Iterator[MemberCheck]:
    for number, check in enumerate(rule.member_checks):
        finding = check(line, params)
        yield MemberCheck(
            rule=rule,
            name=f"{rule.id}:m{number}",
            finding=finding,
            judged=_judged(rule, line, finding.population, finding.no_reference),
        )


def _judged(rule: Rule, line: Line, population: pl.Expr, no_reference: pl.Expr | None) -> Judged:
    present = (line.present(field) for field in rule.reads)
    mapped = (any_of(line.maps(f) for f in fields.split("|")) for fields in rule.needs)
    return Judged(
        population=all_of([*_scope(rule, line), population]).fill_null(False),
        present=all_of([*present, *mapped]),
        unknown=pl.lit(False) if no_reference is None else no_reference.fill_null(False),
    )


def _scope(rule: Rule, line: Line) -> Iterator[pl.Expr]:
    if rule.codes:
        yield line.code_in(*rule.codes)
    if rule.lines_of_business:
        yield line.of_business(*rule.lines_of_business)
    if rule.dos_from:
        yield line.eras.since(rule.dos_from).fill_null(True)
    if rule.dos_to:
        yield line.eras.until(rule.dos_to).fill_null(True)

"""The form of a rule: what it declares, and what it says of lines, members or the batch.

A rule is one file. The file declares a `Rule` and decorates the functions that judge:

* ``@rule.line``: expressions over one claim line,
* ``@rule.member``: expressions for the population, and a frame of the lines that break the rule,
* ``@rule.batch``: a small frame worked out from the profile.

A line is *judged* when it is in the population, every field in `reads` is present, and the
reference holds an entry. A line in the population that is not judged is counted as not
evaluated: it neither passes nor fails.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import polars as pl

if TYPE_CHECKING:
    from claim_audit.rules.line import Line
    from claim_audit.rules.profile import Profile

WITNESSES = 100
"""Related lines that a rule need name at most, so that a member with very many lines (a placeholder
for a number) costs no more than others."""

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
Text = pl.Expr | str
C = TypeVar("C", bound=Callable[..., Any])


@dataclass(frozen=True)
class Source:
    """Where a rule comes from, and how sure that is."""

    document: str
    edition: str = ""
    confidence: Literal["verified", "inference", "arithmetic", "memory", "unpublished"] = "verified"

    def __str__(self) -> str:
        return f"{self.document} ({self.edition})" if self.edition else self.document


@dataclass(frozen=True)
class Finding:
    """What a rule says of a claim line. All expressions see the line's fields and facts.

    Attributes:
        violation: Boolean; true means broken. Null means the line could not be judged.
        message: one sentence for the exception.
        observed: what stands on the line.
        expected: what should stand there.
        population: Boolean; the lines the rule applies to, within the rule's declared scope.
        no_reference: Boolean; lines for which the reference holds no entry.
        suggestion: a repair, where there is one.
        severity: ``error``, ``warning`` or ``info`` where it differs from line to line.
        reference: table, release and interval, or the policy row, that decided.
    """

    violation: pl.Expr
    message: Text
    observed: Text
    expected: Text
    population: pl.Expr = field(default_factory=lambda: pl.lit(True))
    no_reference: pl.Expr | None = None
    suggestion: Text | None = None
    severity: pl.Expr | None = None
    reference: Text | None = None


@dataclass(frozen=True)
class MemberFinding:
    """What a rule says of the lines of one member.

    Attributes:
        find: gets the judged lines of all members (superseded lines are left out unless
            `superseded` says otherwise) and returns one row per violating line: `line_id`,
            `message`, `observed`, `expected` (String), and optionally `suggestion`, `severity`,
            `reference` (String) and `related` (List of UInt64: the lines that prove it). A row
            whose message is null is a line that could not be judged. It may compare lines of one
            `member_key` only.
        population: Boolean; the lines the rule applies to, within the rule's declared scope.
        evidence: Boolean; further lines that `find` needs to see beside the population (they
            carry ``in_population`` false).
        no_reference: Boolean; lines for which the reference holds no entry.
    """

    find: Callable[[pl.LazyFrame], pl.LazyFrame]
    population: pl.Expr = field(default_factory=lambda: pl.lit(True))
    evidence: pl.Expr = field(default_factory=lambda: pl.lit(False))
    no_reference: pl.Expr | None = None


@dataclass(frozen=True)
class BatchFinding:
    """What a rule says of the batch as a whole.

    Attributes:
        rows: `message`, `observed`, `expected` (String), optionally `source_file`, `severity`,
            `suggestion`, `payer` (String), `lines` (UInt32).
        population: how many things (columns, payer names) were looked at.
    """

    rows: pl.DataFrame
    population: int


Params = SimpleNamespace
LineCheck = Callable[["Line", Params], Finding]
MemberCheck = Callable[["Line", Params], MemberFinding]
BatchCheck = Callable[["Profile", Params], BatchFinding]


@dataclass
class Rule:
    """A rule as it is declared.

    Attributes:
        id: the catalogue's id, such as ``UN-02``.
        name: dotted name that reads as a finding, such as ``units.above-mue``.
        title: the finding in a few words.
        severity: the highest severity the rule gives.
        reads: fields that must be present and readable for a line to be judged.
        needs: fields the line's file must have, though the cell may be blank; ``a|b`` means
            one of them.
        uses: further columns the rule looks at where they are present.
        tables: reference tables the rule reads.
        codes: HCPCS codes it applies to (empty: any).
        lines_of_business: lines of business it applies to (empty: any).
        dos_from, dos_to: in force for dates of service from and to, both inclusive.
        params: parameters with their defaults.
        source: where the rule comes from.
        default: whether it runs unless it is selected by name.
        superseded: whether lines that a void or replacement superseded are judged too.
    """

    id: str
    name: str
    title: str
    severity: Severity
    source: Source
    reads: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    lines_of_business: tuple[str, ...] = ()
    dos_from: date | None = None
    dos_to: date | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    default: bool = True
    superseded: bool = False
    status: Literal["stable", "preview"] = "stable"
    since: str = "0.1.0"
    doc: str = field(init=False, default="")
    line_checks: list[LineCheck] = field(init=False, default_factory=list)
    member_checks: list[MemberCheck] = field(init=False, default_factory=list)
    batch_checks: list[BatchCheck] = field(init=False, default_factory=list)

    def line(self, check: LineCheck) -> LineCheck:
        """Judge single lines with this function of (line, parameters)."""
        return self._add(self.line_checks, check)

    def member(self, check: MemberCheck) -> MemberCheck:
        """Judge the lines of a member with this function of (line, parameters)."""
        return self._add(self.member_checks, check)

    def batch(self, check: BatchCheck) -> BatchCheck:
        """Judge the batch with this function of (profile, parameters)."""
        return self._add(self.batch_checks, check)

    def _add(self, checks: list[C], check: C) -> C:
        self.doc = inspect.getdoc(inspect.getmodule(check)) or ""
        checks.append(check)
        return check

    @property
    def category(self) -> str:
        """The folder the rule lives in."""
        check = (self.line_checks + self.member_checks + self.batch_checks)[0]
        return check.__module__.split(".")[-2]

    @property
    def kinds(self) -> Sequence[str]:
        """Which of line, member and batch the rule judges."""
        kinds = {"line": self.line_checks, "member": self.member_checks, "batch": self.batch_checks}
        return [kind for kind, checks in kinds.items() if checks]

    def parameters(self, overrides: Mapping[str, Any]) -> Params:
        """The rule's parameters, with the user's in place of the defaults."""
        return Params(**{**self.params, **overrides})

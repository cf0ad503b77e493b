"""The member pass: checks that need a member's lines together, on the columns they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from polars._typing import PolarsDataType

from claim_audit.beside import side_by_side
from claim_audit.engine import benchmarks, fills
from claim_audit.engine.benchmarks import Usage
from claim_audit.engine.company import CLAIM, DAY, company
from claim_audit.engine.compile import MEMBER_FACTS
from claim_audit.engine.lines import Tally, Verdicts, added, failing, tallies
from claim_audit.rules.line import ORIGINAL, REPLACEMENT, VOID

if TYPE_CHECKING:
    from claim_audit.engine.aside import Aside
    from claim_audit.engine.compile import Compiled, LineCheck, MemberCheck
    from claim_audit.rules.line import Line

FOUND: dict[str, PolarsDataType] = {
    "line_id": pl.UInt64,
    "message": pl.String,
    "observed": pl.String,
    "expected": pl.String,
    "suggestion": pl.String,
    "severity": pl.String,
    "reference": pl.String,
    "related": pl.List(pl.UInt64),
}
"""What a member check returns, a row per violating line; all but the first four may be left out.
A row without a message is a line that could not be judged."""


@dataclass(frozen=True)
class MemberPass:
    """What the member pass found.

    Attributes:
        tallies: by name of the check.
        found: what the member checks found: `rule_id`, and the columns of `FOUND`.
        failing: `line_id` of lines that fail a line check which needs member facts, with these
            facts beside it (`compile.MEMBER_FACTS`).
        usage: what `benchmarks.of_members` counted.
        superseded: number of lines that a void or replacement took back, voids included.
    """

    tallies: Mapping[str, Tally]
    found: pl.DataFrame
    failing: pl.DataFrame
    usage: Usage
    superseded: int

    def __add__(self, other: MemberPass) -> MemberPass:
        """What the same checks found among the lines of these and of other members."""
        return MemberPass(
            tallies=added([self.tallies, other.tallies]),
            found=pl.concat([self.found, other.found]),
            failing=pl.concat([self.failing, other.failing]),
            usage=benchmarks.merged([self.usage, other.usage]),
            superseded=self.superseded + other.superseded,
        )


class Buckets:
    """Lines put aside in so many buckets that all lines of a member are in one of them."""

    def __init__(self, number: int, aside: Aside) -> None:
        self._aside = aside
        self._parts: list[list[pl.LazyFrame]] = [[] for _ in range(number)]

    def add(self, lines: pl.DataFrame) -> None:
        """Put lines aside by their `member_key`."""
        for bucket, part in self._apart(lines):
            self._parts[bucket].append(self._aside.put(part))

    def _apart(self, lines: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        if len(self._parts) == 1:
            yield 0, lines
            return
        bucket = pl.col("member_key") % len(self._parts)
        parts = lines.with_columns(bucket.alias("bucket")).partition_by(
            "bucket", include_key=False, as_dict=True
        )
        for (number,), part in parts.items():
            yield int(number), part

    def whole(self) -> Iterator[pl.DataFrame]:
        """The lines of one bucket after the other."""
        for parts in self._parts:
            if parts:
                yield pl.concat(parts).collect()


def columns(compiled: Compiled, line: Line) -> set[str]:
    """The columns of the lines, facts among them, that the member pass looks at."""
    together = {*fills.READS, *CLAIM, *DAY, "claim_line_number"}
    checks: list[MemberCheck | LineCheck] = [*compiled.member, *compiled.together]
    read = together.union(*(check.columns for check in checks)) - set(MEMBER_FACTS)
    return read | {*line.codes.columns, *line.modifiers.columns}


IDS = (
    "claim_id",
    "claim_control_number",
    "payer_claim_control_number",
    "cross_reference_claim_id",
    "claim_version",
)


def absent(columns: Iterable[str], line: Line) -> dict[str, pl.Expr]:
    """The columns of the member pass that are null on all lines, by name."""
    return {
        name: pl.lit(None, pl.UInt64) for name in IDS if name in set(columns) - line.profile.mapped
    }


def narrowed(columns: Iterable[str], line: Line) -> dict[str, pl.Expr]:
    """The other columns of the member pass by name, as small as can be.

    Rules over members compare texts and seldom show them. So the numbers of claims are 64-bit
    hashes here, null where blank, which tell the claims of one member apart; coded fields are
    enumerations; of `member` is left whether there is one. A claim without frequency code counts as
    original.
    """
    there = set(columns) - set(absent(columns, line))
    return {name: _narrow(name, line) for name in sorted(there)}


def _narrow(name: str, line: Line) -> pl.Expr:
    if name in IDS:
        return pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash(seed=0))
    if name == "member":
        return pl.when(pl.col(name).is_not_null()).then(pl.lit(True))
    if name == "claim_frequency_code":
        codes = line.coded[name]
        known = pl.concat([codes.values, pl.Series([ORIGINAL, REPLACEMENT, VOID])])
        known = known.unique(maintain_order=True)
        return codes.fact(codes.values.cast(pl.Enum(known)), blank=ORIGINAL)
    if name in line.coded:
        codes = line.coded[name]
        return codes.fact(codes.values.cast(pl.Enum(codes.values)))
    return pl.col(name)


def judge(members: pl.DataFrame, line: Line, compiled: Compiled) -> MemberPass:
    """Judge the lines of whole members.

    Args:
        members: lines with the columns of `columns` and of `benchmarks.OF_MEMBERS`; every member
            is there with all lines.
        line: the run's vocabulary.
        compiled: the checks.
    """
    netted = fills.superseded(members, line)
    facts = side_by_side([partial(company, netted), partial(fills.days, netted, line)])
    known = pl.concat([netted, *facts], how="horizontal")
    asked = Verdicts.of(compiled.together)
    judged = (
        _in_scope(known, compiled.together, line)
        .lazy()
        .with_columns(**asked.first)
        .select("line_id", *MEMBER_FACTS, **asked.then)
        .collect()
    )
    true = {name: int(judged[name].sum()) for name in asked.then}
    answers = side_by_side(partial(_answer, check, known) for check in compiled.member)
    no_find = pl.DataFrame(schema={**FOUND, "rule_id": pl.String})
    return MemberPass(
        tallies={
            **tallies(true, compiled.together),
            **{
                check.name: tally
                for check, (tally, _) in zip(compiled.member, answers, strict=True)
            },
        },
        found=pl.concat([no_find, *(found for _, found in answers)]),
        failing=judged.filter(failing(compiled.together)).select("line_id", *MEMBER_FACTS),
        usage=benchmarks.of_members(members),
        superseded=int(known["superseded"].sum()),
    )


def _in_scope(lines: pl.DataFrame, checks: Sequence[LineCheck], line: Line) -> pl.DataFrame:
    """The lines that one of the checks may apply to, by its codes."""
    if not all(check.rule.codes for check in checks):
        return lines
    return lines.filter(line.code_in(*(code for check in checks for code in check.rule.codes)))


def _answer(check: MemberCheck, lines: pl.DataFrame) -> tuple[Tally, pl.DataFrame]:
    """The tally of a check, and what it found."""
    judged = _judged(check, lines)
    seen = lines.hstack([judged["evaluated"].rename("in_population")]).lazy()
    found = _found(check, seen).collect(engine="in-memory")
    unknown = found["message"].null_count()
    return Tally(
        population=int(judged["population"].sum()),
        evaluated=int(judged["evaluated"].sum()) - unknown,
        no_reference=int(judged["no_reference"].sum()),
        failed=found.height - unknown,
    ), found.drop_nulls("message")


def _judged(check: MemberCheck, lines: pl.DataFrame) -> pl.DataFrame:
    """Whom the check judges: `population`, `evaluated` and `no_reference` of each line."""
    judged = replace(check.judged, population=pl.col("population"))
    return (
        lines.lazy()
        .with_columns(population=check.judged.population & _live(check))
        .select("population", evaluated=judged.evaluated, no_reference=judged.no_reference)
        .collect(engine="in-memory")
    )


def _live(check: MemberCheck) -> pl.Expr:
    return pl.lit(True) if check.rule.superseded else ~pl.col("superseded")


def _found(check: MemberCheck, lines: pl.LazyFrame) -> pl.LazyFrame:
    """What a check finds among lines that say whether they are `in_population`."""
    found = check.finding.find(
        lines.filter(pl.col("in_population") | (check.finding.evidence & _live(check)))
    )
    given = found.collect_schema()
    missing = {"line_id", "message", "observed", "expected"} - set(given)
    if missing:
        raise TypeError(f"{check.rule.id} returns no {', '.join(sorted(missing))}")
    return (
        found.select(
            (pl.col(name) if name in given else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in FOUND.items()
        )
        .unique("line_id", keep="any")
        .with_columns(pl.lit(check.rule.id).alias("rule_id"))
    )

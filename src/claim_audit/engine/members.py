"""The member pass: checks that need a member's lines together, on the columns they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from polars._typing import PolarsDataType

from claim_audit.engine import fills
from claim_audit.engine.company import CLAIM, DAY, company
from claim_audit.engine.compile import MEMBER_FACTS
from claim_audit.engine.lines import Tally, count_true, failing, tallies, verdicts
from claim_audit.rules.line import ORIGINAL, REPLACEMENT, VOID

if TYPE_CHECKING:
    from claim_audit.engine.compile import LineCheck, MemberCheck
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
        found: by name of the check, rows as in `FOUND`.
        failing: `line_id` of lines that fail a line check which needs member facts, with these
            facts beside it (`compile.MEMBER_FACTS`).
        superseded: number of lines that a void or replacement took back, voids included.
    """

    tallies: dict[str, Tally]
    found: dict[str, pl.DataFrame]
    failing: pl.DataFrame
    superseded: int


def columns(checks: Sequence[MemberCheck | LineCheck], line: Line) -> set[str]:
    """The columns of the lines, facts among them, that the member pass looks at."""
    together = {*fills.READS, *CLAIM, *DAY, "claim_line_number"}
    read = together.union(*(check.columns for check in checks)) - set(MEMBER_FACTS)
    return read | {*line.codes.columns, *line.modifiers.columns}


IDS = (
    "claim_id",
    "claim_control_number",
    "payer_claim_control_number",
    "cross_reference_claim_id",
    "claim_version",
)


def narrowed(columns: Iterable[str], line: Line) -> list[pl.Expr]:
    """The columns of the member pass, in the order of their names, as small as can be.

    Rules over members compare texts and seldom show them. So the numbers of claims are 64-bit
    hashes here, null where blank, which tell the claims of one member apart; coded fields are
    enumerations; of `member` is left whether there is one. A claim without frequency code counts as
    original.
    """
    return [_narrow(name, line).alias(name) for name in sorted(columns)]


def _narrow(name: str, line: Line) -> pl.Expr:
    if name in IDS:
        return pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash(seed=0))
    if name == "member":
        return pl.when(pl.col(name).is_not_null()).then(pl.lit(True))
    if name == "claim_frequency_code":
        codes = line.coded[name]
        known = pl.concat([codes.values, pl.Series([ORIGINAL, REPLACEMENT, VOID])]).unique()
        return codes.fact(codes.values.cast(pl.Enum(known)), blank=ORIGINAL)
    if name in line.coded:
        codes = line.coded[name]
        return codes.fact(codes.values.cast(pl.Enum(codes.values)))
    return pl.col(name)


def judge(
    members: pl.DataFrame,
    checks: Sequence[MemberCheck],
    line_checks: Sequence[LineCheck],
    line: Line,
) -> MemberPass:
    """Judge the lines of whole members.

    Args:
        members: lines with the columns of `columns`; every member is there with all lines.
        checks: the member checks.
        line_checks: line checks that look at member facts.
        line: the run's vocabulary.
    """
    known = company(fills.days(fills.superseded(members, line), line))
    judged = _in_scope(known, line_checks, line).select(
        "line_id", *MEMBER_FACTS, *verdicts(line_checks)
    )
    counts = [known.lazy().select(_counts(check)) for check in checks]
    finds = [_found(check, known.lazy()) for check in checks]
    results = pl.collect_all([*counts, *finds], engine="in-memory")
    numbers, answers = results[: len(checks)], results[len(checks) :]
    found = [rows.filter(pl.col("message").is_not_null()) for rows in answers]
    return MemberPass(
        tallies={
            **tallies(judged, line_checks),
            **{
                check.name: _tally(number.row(0, named=True), answer)
                for check, number, answer in zip(checks, numbers, answers, strict=True)
            },
        },
        found={check.name: rows for check, rows in zip(checks, found, strict=True)},
        failing=judged.filter(failing(line_checks)).select("line_id", *MEMBER_FACTS),
        superseded=int(known["superseded"].sum()),
    )


def _in_scope(lines: pl.DataFrame, checks: Sequence[LineCheck], line: Line) -> pl.DataFrame:
    """The lines that one of the checks may apply to, by its codes."""
    if not all(check.rule.codes for check in checks):
        return lines
    return lines.filter(line.code_in(*(code for check in checks for code in check.rule.codes)))


def _tally(counts: Mapping[str, int], answer: pl.DataFrame) -> Tally:
    unknown = answer["message"].null_count()
    return Tally(
        population=counts["population"],
        evaluated=counts["evaluated"] - unknown,
        no_reference=counts["no_reference"],
        failed=answer.height - unknown,
    )


def _counts(check: MemberCheck) -> list[pl.Expr]:
    live = _live(check)
    judged = check.judged
    return [
        count_true(judged.population & live).alias("population"),
        count_true(judged.evaluated & live).alias("evaluated"),
        count_true(judged.no_reference & live).alias("no_reference"),
    ]


def _live(check: MemberCheck) -> pl.Expr:
    return pl.lit(True) if check.rule.superseded else ~pl.col("superseded")


def _found(check: MemberCheck, lines: pl.LazyFrame) -> pl.LazyFrame:
    seen = lines.with_columns((check.judged.evaluated & _live(check)).alias("in_population"))
    found = check.finding.find(
        seen.filter(pl.col("in_population") | (check.finding.evidence & _live(check)))
    )
    given = found.collect_schema()
    missing = {"line_id", "message", "observed", "expected"} - set(given)
    if missing:
        raise TypeError(f"{check.rule.id} returns no {', '.join(sorted(missing))}")
    return found.select(
        (pl.col(name) if name in given else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in FOUND.items()
    ).unique("line_id", keep="any")

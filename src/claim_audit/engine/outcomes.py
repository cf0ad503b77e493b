"""What became of every rule: one of six outcomes, with the counts behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl
from polars._typing import PolarsDataType

from claim_audit.engine.exceptions import LINE
from claim_audit.engine.lines import Tally
from claim_audit.rules.form import Rule

Outcome = Literal["passed", "failed", "not_applicable", "not_evaluated", "no_reference", "error"]

SCHEMA: dict[str, PolarsDataType] = {
    "rule_id": pl.String,
    "outcome": pl.String,
    "population": pl.UInt32,
    "evaluated": pl.UInt32,
    "failed": pl.UInt32,
    "waived": pl.UInt32,
    "not_evaluated": pl.UInt32,
    "reason": pl.String,
    "amount_at_risk": pl.Decimal(16, 2),
}
"""Columns of the rule outcomes table, in order."""

OFF = "off unless it is selected: it rests on unpublished practice"


def outcome(tally: Tally, absent: Sequence[str], crashed: str | None) -> tuple[Outcome, str]:
    """The outcome of a rule and the reason why something was not judged."""
    left = tally.population - tally.evaluated
    blank = left - tally.no_reference
    reasons = [
        *(
            [f"{tally.no_reference} without an entry in the reference"]
            if tally.no_reference
            else []
        ),
        *([f"{blank} with a field absent or unreadable"] if blank else []),
    ]
    reason = "; ".join(reasons)
    if crashed is not None:
        return "error", crashed
    if tally.failed:
        return "failed", reason
    if absent:
        return "not_evaluated", "not in the extract: " + ", ".join(
            fields.replace("|", " or ") for fields in absent
        )
    if not tally.population:
        return "not_applicable", "no line it applies to"
    if tally.evaluated:
        return "passed", reason
    return ("no_reference" if tally.no_reference >= blank else "not_evaluated"), reason


def table(
    rules: Sequence[Rule],
    off: Sequence[Rule],
    tallies: Mapping[str, Tally],
    absent: Mapping[str, Sequence[str]],
    crashed: Mapping[str, str],
    exceptions: pl.DataFrame,
) -> pl.DataFrame:
    """One row per rule of the run, and per rule that is off by default. A line that breaks a rule
    more than once adds to its money at risk once.

    Args:
        rules: the rules of the run.
        off: rules that are off by default and were not selected.
        tallies: by rule id.
        absent: by rule id, fields that no file has.
        crashed: by rule id, what broke.
        exceptions: the exceptions table.
    """
    waived = exceptions.group_by("rule_id").agg(
        (pl.col("status") == "waived").sum().alias("waived")
    )
    lines = exceptions.select("rule_id", *LINE, "amount_at_risk").unique(["rule_id", *LINE])
    risk = lines.group_by("rule_id").agg(pl.col("amount_at_risk").sum())
    rows = []
    for rule in rules:
        tally = tallies.get(rule.id, Tally())
        name, reason = outcome(tally, absent.get(rule.id, ()), crashed.get(rule.id))
        rows.append(
            (
                rule.id,
                name,
                tally.population,
                tally.evaluated,
                tally.failed,
                tally.population - tally.evaluated,
                reason,
            )
        )
    rows += [(rule.id, "not_evaluated", 0, 0, 0, 0, OFF) for rule in off]
    columns = [name for name in SCHEMA if name not in {"waived", "amount_at_risk"}]
    return (
        pl.DataFrame(rows, schema=columns, orient="row")
        .join(waived, on="rule_id", how="left")
        .join(risk, on="rule_id", how="left")
        .sort("rule_id")
        .select(
            pl.col(name).fill_null(0).cast(dtype) if dtype != pl.String else pl.col(name)
            for name, dtype in SCHEMA.items()
        )
    )

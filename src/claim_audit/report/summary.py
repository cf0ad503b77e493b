"""The summary of a run: counts, money at risk, and what was not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from claim_audit.engine.local import Audit
from claim_audit.ingest import Extract

WORST = 5
"""Rules named as the worst ones."""

NOT_JUDGED = ("not_evaluated", "no_reference", "error")


def summary(extract: Extract, audit: Audit) -> dict[str, Any]:
    """What `summary.json` holds; amounts are decimal strings in USD."""
    exceptions = audit.exceptions
    lines = exceptions.filter(pl.col("source_row").is_not_null())
    return {
        "records": _records(extract),
        "claim_lines": audit.profile.lines,
        "superseded_lines": audit.superseded,
        "exceptions": exceptions.height,
        "lines_with_exceptions": lines.select("source_file", "source_row", "claim_line_number")
        .unique()
        .height,
        "amount_at_risk": str(_at_risk(lines)),
        "by_severity": _by(exceptions, "severity"),
        "by_category": _by(exceptions, "category"),
        "by_payer": _by(lines, "payer"),
        "by_rule": _by(exceptions, "rule_id"),
        "worst_rules": _worst(exceptions),
        "coverage": _coverage(audit.rule_outcomes),
        "skipped_files": list(extract.skipped),
    }


def _records(extract: Extract) -> dict[str, int]:
    counted = [file.accounting for file in extract.files]
    return {
        name: sum(getattr(accounting, name) for accounting in counted)
        for name in (
            "physical_lines",
            "header_lines",
            "blank_lines",
            "embedded_newlines",
            "records",
            "claim_records",
            "rejects",
        )
    }


def _at_risk(exceptions: pl.DataFrame) -> Any:
    """Money at risk of the lines in `exceptions`, no line counted twice."""
    once = exceptions.unique(["source_file", "source_row", "claim_line_number"])
    return once["amount_at_risk"].sum() or 0


def _by(exceptions: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    once = exceptions.unique([column, "source_file", "source_row", "claim_line_number"])
    risk = once.group_by(column).agg(pl.col("amount_at_risk").sum())
    counted = exceptions.group_by(column).agg(pl.len().alias("exceptions"))
    rows = counted.join(risk, on=column, nulls_equal=True).sort(
        "exceptions", column, descending=[True, False], nulls_last=True
    )
    return [
        {
            column: row[column],
            "exceptions": row["exceptions"],
            "amount_at_risk": str(row["amount_at_risk"]),
        }
        for row in rows.iter_rows(named=True)
    ]


def _worst(exceptions: pl.DataFrame) -> list[dict[str, Any]]:
    ranked = (
        exceptions.group_by("rule_id", "rule_name")
        .agg(
            pl.len().alias("exceptions"),
            pl.col("severity")
            .replace_strict({"error": 0, "warning": 1, "info": 2})
            .min()
            .alias("rank"),
            pl.col("amount_at_risk").sum(),
        )
        .sort(
            "rank", "amount_at_risk", "exceptions", "rule_id", descending=[False, True, True, False]
        )
        .head(WORST)
    )
    return [
        {
            "rule_id": row["rule_id"],
            "rule_name": row["rule_name"],
            "exceptions": row["exceptions"],
            "amount_at_risk": str(row["amount_at_risk"]),
        }
        for row in ranked.iter_rows(named=True)
    ]


def _coverage(outcomes: pl.DataFrame) -> dict[str, Any]:
    counts = dict(outcomes.group_by("outcome").len().sort("outcome").iter_rows())
    silent = outcomes.filter(pl.col("outcome").is_in(NOT_JUDGED))
    partly = outcomes.filter(
        pl.col("outcome").is_in(["passed", "failed"]) & (pl.col("not_evaluated") > 0)
    )
    return {
        "rules": outcomes.height,
        "outcomes": counts,
        "not_judged": _reasons(silent),
        "partly_judged": _reasons(partly),
    }


def _reasons(outcomes: pl.DataFrame) -> Sequence[Mapping[str, Any]]:
    return outcomes.select("rule_id", "outcome", "not_evaluated", "reason").to_dicts()

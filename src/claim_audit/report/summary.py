"""The summary of a run: counts, money at risk, and what was not judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

import polars as pl

from claim_audit.engine.audit import Audit
from claim_audit.engine.exceptions import LINE
from claim_audit.engine.outcomes import Outcome
from claim_audit.ingest import Extract
from claim_audit.rules.form import SEVERITIES

WORST: Final = 5
"""Rules named as the worst ones."""

SILENT: Final = ("not_evaluated", "no_reference", "error")
"""Outcomes of a rule that had something to judge, or might have had, and judged nothing."""

_COLUMNS: Final = (
    *("rule_id", "rule_name", "category", "severity", "payer", "amount_at_risk"),
    *LINE,
)
_GRAVITY: Final = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def summary(extract: Extract, audit: Audit) -> dict[str, Any]:
    """What `summary.json` holds (see `report.documents.Summary`); amounts are decimal strings."""
    exceptions = audit.exceptions.lazy().select(*_COLUMNS)
    lines = exceptions.filter(pl.col("source_row").is_not_null())
    once = lines.unique(LINE).select(pl.len(), pl.col("amount_at_risk").sum())
    money, severities, categories, payers, rules = pl.collect_all(
        [
            once,
            _by(exceptions, "severity").sort(gravity()),
            _by(exceptions, "category"),
            _by(lines, "payer"),
            _by_rule(exceptions),
        ],
        engine="in-memory",
    )
    by_rule = _plain(rules)
    return {
        "records": _records(extract),
        "claim_lines": audit.profile.lines,
        "superseded_lines": audit.superseded,
        "exceptions": audit.exceptions.height,
        "lines_with_exceptions": money["len"].item(),
        "amount_at_risk": str(money["amount_at_risk"].item()),
        "by_severity": _plain(severities),
        "by_category": _plain(categories),
        "by_payer": _plain(payers),
        "by_rule": by_rule,
        "worst_rules": by_rule[:WORST],
        "coverage": _coverage(audit.rule_outcomes),
        "skipped_files": list(extract.skipped),
    }


def gravity() -> pl.Expr:
    """The rank of a row's `severity`: 0 is the gravest (UInt8)."""
    return pl.col("severity").replace_strict(_GRAVITY, return_dtype=pl.UInt8)


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


def _by(exceptions: pl.LazyFrame, *columns: str) -> pl.LazyFrame:
    """Per value of `columns`: exceptions, lines and money at risk, no line counted twice."""
    once = exceptions.unique([*columns, *LINE])
    lines = once.group_by(columns).agg(
        pl.col("source_row").count().alias("lines"), pl.col("amount_at_risk").sum()
    )
    return (
        exceptions.group_by(columns)
        .agg(pl.len().alias("exceptions"))
        .join(lines, on=columns, nulls_equal=True)
        .sort("exceptions", *columns, descending=[True, *(False for _ in columns)], nulls_last=True)
    )


def _by_rule(exceptions: pl.LazyFrame) -> pl.LazyFrame:
    """The rules with exceptions, worst first: by severity, then money at risk, then number."""
    gravest = exceptions.group_by("rule_id").agg(
        pl.col("severity").sort_by(gravity()).first(), gravity().min().alias("rank")
    )
    return (
        _by(exceptions, "rule_id", "rule_name", "category")
        .join(gravest, on="rule_id")
        .sort(
            "rank", "amount_at_risk", "exceptions", "rule_id", descending=[False, True, True, False]
        )
        .select(
            "rule_id",
            "rule_name",
            "category",
            "severity",
            "exceptions",
            "lines",
            "amount_at_risk",
        )
    )


def _plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    return table.with_columns(pl.col(pl.Decimal).cast(pl.String)).to_dicts()


def _coverage(outcomes: pl.DataFrame) -> dict[str, Any]:
    silent = pl.col("outcome").is_in(SILENT)
    partly = ~silent & (pl.col("not_evaluated") > 0)
    named = ("rule_id", "outcome", "not_evaluated", "reason")
    found = dict(outcomes.group_by("outcome").len().iter_rows())
    return {
        "rules": outcomes.height,
        "outcomes": {outcome: found.get(outcome, 0) for outcome in get_args(Outcome)},
        "not_judged": outcomes.filter(silent).select(named).to_dicts(),
        "partly_judged": outcomes.filter(partly).select(named).to_dicts(),
        "reasons": [
            *_reasons(outcomes.filter(silent), "all"),
            *_reasons(outcomes.filter(partly), "some"),
        ],
    }


def _reasons(outcomes: pl.DataFrame, extent: str) -> Sequence[Mapping[str, Any]]:
    """Why rules judged nothing (`extent` all) or not every line (some), the same reasons as one."""
    reason = pl.col("reason")
    return (
        outcomes.select("rule_id", reason.str.split("; "))
        .explode("reason")
        .with_columns(
            reason.str.replace(r"\A[0-9]+ ", ""),
            reason.str.extract(r"\A([0-9]+) ").cast(pl.UInt32).alias("lines"),
        )
        .group_by("reason")
        .agg(pl.col("rule_id").unique().sort().alias("rules"), pl.col("lines").max())
        .sort(pl.col("rules").list.len(), "reason", descending=[True, False])
        .select("reason", pl.lit(extent).alias("extent"), "rules", "lines")
        .to_dicts()
    )

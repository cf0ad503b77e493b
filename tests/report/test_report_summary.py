"""The figures of the summary hold together, and with the tables."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import polars as pl

from claim_audit.pipeline import AuditResult
from claim_audit.report import words
from claim_audit.report.documents import Summary

EVERYTHING = {"select": ()}


def test_a_line_counts_once_however_many_rules_it_breaks(result: AuditResult) -> None:
    summary = Summary.model_validate(result.summary)
    assert [total.exceptions for total in summary.by_severity] == [2, 1]
    assert sum(Decimal(total.amount_at_risk) for total in summary.by_severity) == Decimal("348.30")
    assert summary.amount_at_risk == "198.30"


def test_a_rule_that_breaks_a_line_twice_counts_its_money_once(
    audited: Callable[..., AuditResult],
) -> None:
    line = "C1,1,M1,Aetna,,1234567893,12,2024-07-01,2024-07-01,A4224,KX,-1,,,240\n"
    result = audited(line * 2)
    summary = Summary.model_validate(result.summary)
    assert (summary.exceptions, summary.lines_with_exceptions) == (2, 2)
    assert summary.worst_rules[0].amount_at_risk == "480.00"


def test_every_rule_of_the_run_is_in_the_coverage(audited: Callable[..., AuditResult]) -> None:
    result = audited(**EVERYTHING)
    coverage = Summary.model_validate(result.summary).coverage
    assert coverage.rules == sum(coverage.outcomes.values()) == result.rule_outcomes.height
    silent = {entry.rule_id for entry in coverage.not_judged}
    reasons = {
        rule for reason in coverage.reasons if reason.extent == "all" for rule in reason.rules
    }
    assert silent == reasons
    worst = [total.rule_id for total in Summary.model_validate(result.summary).by_rule]
    failed = result.rule_outcomes.filter(pl.col("outcome") == "failed")["rule_id"]
    assert set(worst) == set(failed)


def test_totals_agree_with_the_exceptions(audited: Callable[..., AuditResult]) -> None:
    result = audited(**EVERYTHING)
    summary = Summary.model_validate(result.summary)
    for totals in (summary.by_severity, summary.by_category, summary.by_rule):
        assert sum(total.exceptions for total in totals) == result.exceptions.height


def test_sizes_and_numbers() -> None:
    assert [words.size(n) for n in (0, 999, 1_000, 253_252, 5_000_000_000)] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "253.3 kB",
        "5.0 GB",
    ]
    assert words.usd("1234567.5") == "1,234,567.50"
    assert words.many(1, "file") == "1 file"
    assert words.few(["a", "b", "c"], 2) == "a, b and 1 more"


def test_the_identity_names_what_there_is() -> None:
    rows = {
        "physical_lines": 9,
        "header_lines": 0,
        "blank_lines": 0,
        "embedded_newlines": 0,
        "records": 9,
        "claim_records": 9,
        "rejects": 0,
    }
    kinds = [{"format": "parquet"}, {"format": "csv"}]
    assert words.identity(rows, words.unit(kinds[:1])) == "9 rows = 9 claim records + 0 rejects"
    assert words.unit(kinds) == "lines and rows"

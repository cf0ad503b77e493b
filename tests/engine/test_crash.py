"""A rule that breaks is set aside and said; no other rule finds anything else for that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from claim_audit import AuditResult, sample
from claim_audit.config import AuditConfig
from claim_audit.engine import stretches
from claim_audit.pipeline import audit
from claim_audit.rules.form import Finding, MemberFinding
from claim_audit.rules.registry import all_rules

CONFIG = AuditConfig(as_of=date(2026, 1, 1), layout="canonical")
BREAKS = pl.col("claim_id").str.to_integer()


def in_the_line_pass(*_: Any) -> Finding:
    return Finding(violation=BREAKS > 0, message="", observed="", expected="")


def in_the_texts(*_: Any) -> Finding:
    text = BREAKS.cast(pl.String)
    return Finding(violation=pl.col("units") > 0, message=text, observed="", expected="")


def among_members(*_: Any) -> MemberFinding:
    return MemberFinding(find=lambda lines: lines.select(pl.col("line_id").cast(pl.Int8)))


def with_a_panic_among_members(*_: Any) -> MemberFinding:
    def find(_: pl.LazyFrame) -> pl.LazyFrame:
        raise pl.exceptions.PanicException

    return MemberFinding(find=find)


def when_compiled(*_: Any) -> Finding:
    raise ZeroDivisionError


@contextmanager
def broken(rule_id: str, check: Any) -> Iterator[None]:
    """A rule whose only check is another."""
    rule = all_rules()[rule_id]
    of_lines, of_members = list(rule.line_checks), list(rule.member_checks)
    check.__module__ = [*of_lines, *of_members][0].__module__
    rule.line_checks[:], rule.member_checks[:] = [], []
    of_member = check in (among_members, with_a_panic_among_members)
    (rule.member_checks if of_member else rule.line_checks).append(check)
    try:
        yield
    finally:
        rule.line_checks[:], rule.member_checks[:] = of_lines, of_members


@pytest.mark.parametrize("lines", [400, 1 << 20], ids=["in stretches", "at once"])
@pytest.mark.parametrize(
    ("rule_id", "check"),
    [
        ("UN-01", in_the_line_pass),
        ("UN-01", in_the_texts),
        ("UN-01", when_compiled),
        ("UN-02", among_members),
        ("UN-02", with_a_panic_among_members),
    ],
)
def test_a_rule_that_breaks_is_set_aside(
    tmp_path: Path, rule_id: str, check: Any, lines: int
) -> None:
    claims = sample.write(tmp_path, lines=1_000, seed=3, format="csv", error_rate=0.2).claims
    sound = audit(claims, config=CONFIG)
    with (
        broken(rule_id, check),
        patch.multiple(stretches, MOST_LINES=lines, FEWEST_LINES=1),
    ):
        result = audit(claims, config=CONFIG)
    assert result.rule_errors == [rule_id]
    assert_frame_equal(others(result, rule_id), others(sound, rule_id))
    (reason,) = result.rule_outcomes.filter(pl.col("rule_id") == rule_id)["reason"]
    assert re.search("(Error|Exception) in", reason)


def others(result: AuditResult, rule_id: str) -> pl.DataFrame:
    return result.exceptions.filter(pl.col("rule_id") != rule_id)

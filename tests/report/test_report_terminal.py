"""The summary on the terminal: whole, narrow, and readable without colour."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from claim_audit.pipeline import AuditResult
from claim_audit.report import run_folder
from claim_audit.report.terminal import print_summary


def printed(result: AuditResult, folder: Path | None = None, width: int = 80) -> str:
    file = io.StringIO()
    print_summary(result, folder, Console(file=file, width=width))
    return file.getvalue()


def test_it_says_what_matters(result: AuditResult, tmp_path: Path) -> None:
    text = printed(result, run_folder.write(result, tmp_path, "run"))
    for line in (
        "5 records in 1 file, all accounted for",
        "7 lines = 1 header + 1 blank line + 4 claim records + 1 reject",
        "3 exceptions on 2 of 4 claim lines",
        f"Reports in {tmp_path / 'run'}",
        "4 rules: 2 failed, 1 passed, 1 had no line to judge, 0 could not judge",
    ):
        assert line in text
    words = [line.split() for line in text.splitlines()]
    assert ["error", "2", "2", "198.30"] in words
    assert ["all,", "each", "line", "once", "3", "2", "198.30"] in words
    assert ["identifiers", "1", "1", "150.00"] in words
    assert any(line[:1] == ["UN-01"] and line[-1] == "198.30" for line in words)
    assert any(line[:1] == ["report.html"] for line in words)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_keeps_to_the_width_and_has_no_colour(result: AuditResult, width: int) -> None:
    lines = printed(result, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert "\x1b" not in "".join(lines)


def test_it_says_what_was_not_judged_and_why(audited: Callable[..., AuditResult]) -> None:
    text = printed(audited(select=("DT", "CD", "UN-12", "UN-01")))
    assert "not in the extract" in text
    assert "received_date" in text


def test_reasons_are_grouped_and_few(result: AuditResult) -> None:
    reason = {
        "reason": "because",
        "extent": "all",
        "rules": [f"R-{n}" for n in range(9)],
        "lines": 7,
    }
    coverage = {**result.summary["coverage"], "reasons": [reason] * 10}
    text = printed(replace(result, summary={**result.summary, "coverage": coverage}), width=120)
    assert "R-0, R-1, R-2, R-3, R-4, R-5 and 3 more  up to 7 lines because" in text
    assert text.count("because") == 8
    assert "and 2 further reasons" in text


def test_a_clean_extract(audited: Callable[..., AuditResult]) -> None:
    lines = "C4,1,M3,Aetna,commercial,1234567893,12,2024-08-01,2024-08-01,A4231,,10,150,120,96\n"
    text = printed(audited(lines))
    assert "1 record in 1 file, all accounted for" in text
    assert "No exception on 1 claim line" in text
    assert "Worst rules" not in text


def test_foreign_text_cannot_steer_the_terminal(result: AuditResult, tmp_path: Path) -> None:
    reason = {"reason": "[red]\x1b[2J", "extent": "some", "rules": ["R-1"], "lines": None}
    coverage = {**result.summary["coverage"], "reasons": [reason]}
    hostile = replace(result, summary={**result.summary, "coverage": coverage})
    text = printed(hostile, run_folder.write(result, tmp_path, "run"))
    assert "[red]␛[2J" in text
    assert "\x1b" not in text

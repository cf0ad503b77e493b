"""Medians over rounds, how many rounds, and what a run folder says."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from benchmarks import rounds
from benchmarks.guard import judged
from benchmarks.measure import told

FOUND: list[rounds.Round] = [
    {
        "floor": {"seconds": floor, "peak_bytes": 2**20},
        "audit": {"seconds": audit, "peak_bytes": peak * 2**20},
    }
    for floor, audit, peak in ((1.0, 10.0, 5), (2.0, 14.0, 9), (1.0, 9.0, 7))
]


def test_ratios_are_those_of_one_round() -> None:
    assert rounds.seconds(FOUND, "audit") == 10.0
    assert rounds.ratio(FOUND, "audit", "floor") == 9.0
    assert rounds.peak_mib(FOUND, "audit") == 9
    assert rounds.middle(FOUND, "audit")["peak_bytes"] == 5 * 2**20


@pytest.mark.parametrize(
    ("lines", "count"), [(20_000, 3), (1_000_000, 3), (5_000_000, 1), (20_000_000, 1)]
)
def test_large_files_get_fewer_rounds(lines: int, count: int) -> None:
    assert rounds.fitting(lines) == count


def test_what_passes_at_once_is_not_measured_again() -> None:
    ratios = iter([9.0, 11.0, 30.0, 99.0])

    assert judged(ratios, 12.0) == 11.0
    assert list(ratios) == [99.0]


def test_what_fails_by_three_rounds_is_judged_by_all() -> None:
    assert judged(iter([9.0, 20.0, 20.0, 9.0, 9.0, 9.0, 20.0]), 12.0) == 9.0
    assert judged(iter([20.0, 20.0, 20.0, 9.0, 9.0, 9.0, 20.0]), 12.0) == 20.0


def test_stages_exceptions_and_outcomes_come_from_the_run_folder(tmp_path: Path) -> None:
    stages = [{"stage": "read", "seconds": 1.5, "peak_memory_bytes": 2**28}]
    manifest = {
        "cost": {
            "stages": stages,
            "threads": 2,
            "memory_budget_bytes": 2**32,
            "peak_memory_bytes": 2**28,
        },
        "files": [{"file": "exceptions.parquet", "rows": 7}],
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    outcomes = pl.DataFrame({"outcome": ["passed", "failed", "failed"]})
    outcomes.write_parquet(tmp_path / "rule_outcomes.parquet")

    assert told(tmp_path) == {
        "stages": stages,
        "exceptions": 7,
        "outcomes": {"passed": 1, "failed": 2},
    }

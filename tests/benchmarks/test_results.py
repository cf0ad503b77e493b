"""From figures to goals, page, plots and profile: nothing is written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import page, plots, profile_page
from benchmarks.goals import FORMAT_NAMES, Goal, goals
from benchmarks.rivals import RIVALS

MIB = 2**20
MACHINE = {"machine": "x86_64", "threads": 2, "python": "3.11.7", "polars": "2.1.0"}
STAGES = [
    {"stage": "read", "seconds": 1.0, "peak_memory_bytes": 200 * MIB},
    {"stage": "judge", "seconds": 2.5, "peak_memory_bytes": 900 * MIB},
]


def audit(lines: int, form: str, **figures: Any) -> dict[str, Any]:
    row = {
        "lines": lines,
        "format": form,
        "rounds": 3,
        "file_bytes": 27 * lines,
        "floor_seconds": 0.5,
        "audit_seconds": 4.0,
        "ratio": 8.0,
        "reading_ratio": 18.0 if lines == 1_000_000 else None,
        "process_ratio": 5.0,
        "lines_per_second": 250_000,
        "peak_mib": 1000,
        "stages": STAGES,
    }
    return row | figures


def results(*audits: dict[str, Any]) -> dict[str, Any]:
    return {
        "machine": MACHINE,
        "minutes": 12.5,
        "audits": list(audits),
        "rivals": [
            {
                "rival": rival,
                "lines": 500_000,
                "format": form,
                "rounds": 3,
                "shared_seconds": 1.0,
                "rival_seconds": 1.6,
                "ratio": 1.6,
            }
            for rival in RIVALS
            for form in FORMAT_NAMES
        ],
        "commands": [
            {"command": "help", "runs": 5, "seconds": 0.2},
            {"command": "rules", "runs": 5, "seconds": 0.45},
            {"command": "small_file", "runs": 5, "seconds": 1.5},
        ],
    }


SMALL = results(audit(1_000_000, "parquet"), audit(1_000_000, "csv"))
WHOLE = results(
    *(
        audit(lines, form, audit_seconds=seconds, peak_mib=peak)
        for lines, seconds, peak in ((5_000_000, 10.0, 1600), (20_000_000, 42.0, 2100))
        for form in FORMAT_NAMES
    )
)


def large(**figures: Any) -> dict[str, Any]:
    counts = {"exceptions": 1000, "outcomes": {"failed": 60, "passed": 6}}
    beside = audit(5_000_000, "parquet", **counts)
    row = audit(100_000_000, "parquet", lines_per_second=200_000, peak_mib=4000, **counts)
    return {"machine": MACHINE, "audits": [beside, row | figures]}


def verdicts(found: dict[str, Any], of_large: dict[str, Any] | None = None) -> dict[str, str]:
    return {goal.what: goal.verdict for goal in goals(found, of_large)}


@pytest.mark.parametrize(
    ("at_most", "measured", "verdict"),
    [
        (True, 8.0, "met"),
        (True, 12.0, "missed by 50.0 %"),
        (False, 8.0, "met"),
        (False, 6.0, "missed by 25.0 %"),
        (True, None, "not measured"),
    ],
)
def test_a_goal_is_met_or_missed_by_a_share(
    at_most: bool, measured: float | None, verdict: str
) -> None:
    assert Goal("x", at_most, 8, "×", measured).verdict == verdict


def test_what_was_measured_is_judged_by_the_goal_of_its_kind() -> None:
    found = verdicts(SMALL)

    assert found["Parquet, 1,000,000 lines, audit to floor"] == "met"
    assert found["CSV, 1,000,000 lines, audit to floor"] == "missed by 166.7 %"
    assert found["Parquet, 1,000,000 lines, audit to reading into memory"] == "missed by 20.0 %"
    assert found["DuckDB to the shared rules, Parquet, 500,000 lines"] == "met"
    assert found["DuckDB to the shared rules, CSV, 500,000 lines"] == "missed by 20.0 %"
    assert found["pandas to the shared rules, CSV, 500,000 lines"] == "missed by 84.0 %"
    assert found["`claim-audit rules`"] == "missed by 50.0 %"
    assert found["a file of 1,000 lines, end to end"] == "met"


def test_growth_is_that_from_5_to_20_million_lines() -> None:
    found = verdicts(WHOLE)

    assert found["CSV, time from 5,000,000 to 20,000,000 lines"] == "met"
    assert found["CSV, peak memory from 5,000,000 to 20,000,000 lines"] == "missed by 0.8 %"
    assert found["CSV, peak memory at 20,000,000 lines"] == "missed by 2.5 %"


def test_goals_of_what_was_not_measured_say_so() -> None:
    found = verdicts(SMALL)

    assert found["Parquet, time from 5,000,000 to 20,000,000 lines"] == "not measured"
    assert found["Parquet, 100,000,000 lines, peak memory"] == "not measured"


def test_the_large_file_has_goals_of_its_own() -> None:
    sound = verdicts(SMALL, large())
    broken = verdicts(SMALL, large(outcomes={"error": 2}, peak_mib=8192))

    assert sound["Parquet, 100,000,000 lines, rules that broke"] == "met"
    assert sound["Parquet, 100,000,000 lines, peak memory"] == "met"
    speed = "Parquet, 100,000,000 lines, lines a second to 5,000,000 lines"
    assert sound[speed] == "missed by 5.9 %"
    assert broken["Parquet, 100,000,000 lines, rules that broke"] == "missed"
    assert broken["Parquet, 100,000,000 lines, peak memory"] == "missed by 100.0 %"


def test_every_goal_and_row_stands_in_the_page() -> None:
    text = page.page(SMALL, None)

    assert all(goal.what in text for goal in goals(SMALL, None))
    assert all(name in text for name in RIVALS.values())
    assert "| 1,000,000 | csv | 3 | 27 | 0.5 | 4.0 | 8.0 | 18.0 | 5.0 | 250,000 | 1,000 |" in text
    assert "One large file" not in text


def test_the_large_file_stands_in_the_page_once_it_was_measured() -> None:
    text = page.page(SMALL, large())

    assert "on the larger: 60 failed, 6 passed." in text
    assert "| 100,000,000 | parquet | 2,700 | 4.0 | 200,000 | 4,000 | 1,000 |" in text


def test_every_picture_of_the_page_is_drawn(tmp_path: Path) -> None:
    plots.draw(WHOLE, tmp_path)

    for picture in tmp_path.iterdir():
        assert f"({picture.name})" in page.page(WHOLE, None)
    assert {picture.stem for picture in tmp_path.iterdir()} == {"time", "memory", "stages"}


def test_the_same_results_give_the_same_pictures(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        plots.draw(WHOLE, tmp_path / name)

    for picture in (tmp_path / "one").iterdir():
        assert picture.read_bytes() == (tmp_path / "other" / picture.name).read_bytes()


def test_the_profile_has_the_stages_of_the_largest_files_and_keeps_the_words() -> None:
    text = f"before\n{profile_page.BEGIN}old\n{profile_page.END}after\n"

    new = profile_page.renewed(text, WHOLE)

    assert new.startswith(f"before\n{profile_page.BEGIN}")
    assert new.endswith(f"{profile_page.END}after\n")
    assert "old" not in new
    assert "CSV, 20,000,000 lines, 42.0 s in all:" in new
    assert "| judge | 2.50 | 6 % | 900 |" in new
    assert "| no stage | 38.50 | 92 % | 2,100 |" in new
    assert profile_page.renewed(new, WHOLE) == new


def test_the_profile_in_the_docs_has_a_measured_part() -> None:
    text = (Path(__file__).parents[2] / "docs" / "profile.md").read_text()

    assert text.count(profile_page.BEGIN) == text.count(profile_page.END) == 1

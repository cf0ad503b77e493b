"""`claim-audit run` where it can do its work."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from cli_claims import CLEAN, SECRET, csv, left_behind
from typer.testing import Result

from claim_audit import pipeline
from claim_audit.rules.form import Rule
from claim_audit.rules.registry import all_rules

Call = Callable[..., Result]


def test_a_clean_file_is_0_and_leaves_a_run_folder(call: Call, claims: Path, place: Path) -> None:
    result = call("run", claims, "--run-id", "first")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "1 record in 1 file, all accounted for" in result.stdout
    assert "reports/first" in result.stdout
    folder = place / "reports" / "first"
    assert (folder / "manifest.json").is_file()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("error", "error", 1),
        ("error", "info", 1),
        ("error", "never", 0),
        ("info", "error", 0),
        ("info", "warning", 0),
        ("info", "info", 1),
    ],
)
def test_the_exit_code_follows_fail_on(
    call: Call, place: Path, faulty: Path, severity: str, fail_on: str, code: int
) -> None:
    info = place / "info.csv"
    info.write_text(csv({**CLEAN, "payer_name": "Nobody Knows"}))
    file = {"error": faulty, "info": info}[severity]

    result = call("run", file, "--fail-on", fail_on, "--quiet", "--select", "UN-01,PY-01")

    assert result.exit_code == code, result.output


def test_json_is_all_that_stands_on_stdout(call: Call, faulty: Path, place: Path) -> None:
    result = call("run", faulty, "--json", "--run-id", "one")

    summary = json.loads(result.stdout)
    assert result.exit_code == 1
    assert result.stderr == ""
    assert (summary["run_id"], summary["folder"]) == ("one", "reports/one")
    assert summary["records"]["records"] == 2
    written = json.loads((place / "reports" / "one" / "summary.json").read_text())
    assert written.items() <= summary.items()


def test_quiet_says_nothing(call: Call, faulty: Path) -> None:
    result = call("run", faulty, "--quiet")

    assert (result.exit_code, result.output) == (1, "")


def test_verbose_tells_stages_on_stderr_and_no_cell(call: Call, faulty: Path, place: Path) -> None:
    result = call("run", faulty, "--verbose", "--json", "--mask-members", "--run-id", "r")

    told = re.findall(r"^claim-audit: (\w+): \d+\.\d s, \d+ MiB$", result.stderr, re.MULTILINE)
    manifest = json.loads((place / "reports" / "r" / "manifest.json").read_text())
    assert len(told) == len(result.stderr.splitlines())
    assert told == [stage["stage"] for stage in manifest["cost"]["stages"]]
    assert (told[:2], told[-3:]) == (["load", "read"], ["summary", "mask", "write"])
    of_engine = ["survey", "profile", "plan", "lines", "members", "failing", "tables"]
    assert told[2:-3] == of_engine
    assert json.loads(result.stdout)["run_id"] == "r"
    assert SECRET not in result.stderr


def test_formats_out_and_several_inputs(call: Call, claims: Path, faulty: Path) -> None:
    result = call("run", claims, faulty, "--out", "a/b", "--run-id", "r", "--format", "csv", "-q")

    assert result.exit_code == 1
    names = {path.name for path in Path("a/b/r").iterdir()}
    assert "exceptions.csv" in names
    assert not any(name.endswith(".parquet") for name in names)
    inputs = json.loads(Path("a/b/r/manifest.json").read_text())["inputs"]
    assert [entry["file"] for entry in inputs] == ["claims.csv", "faulty.csv"]


def test_the_command_line_wins_over_environment_over_file_over_default(
    call: Call, faulty: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*args: str) -> int:
        return call("run", faulty, "--quiet", "--select", "UN-01", *args).exit_code

    assert run() == 1
    (place / "claim-audit.toml").write_text('fail_on = "never"\n')
    assert run() == 0
    monkeypatch.setenv("CLAIM_AUDIT_FAIL_ON", "error")
    assert run() == 1
    assert run("--fail-on", "never") == 0


def test_a_named_settings_file_is_taken(call: Call, faulty: Path, place: Path) -> None:
    (place / "mine.toml").write_text('ignore = ["UN-01"]\nout = "elsewhere"\n')

    result = call("run", faulty, "--config", "mine.toml", "--run-id", "r", "--quiet")

    assert result.exit_code == 0
    assert (place / "elsewhere" / "r").is_dir()


def test_select_and_ignore_take_several_and_repeated_ids(call: Call, faulty: Path) -> None:
    result = call(
        *("run", faulty, "--json", "--fail-on", "never"),
        *("--select", "UN-01,un-02", "--select", "ID", "--ignore", "ID-04"),
    )

    folder = Path(json.loads(result.stdout)["folder"])
    outcomes = pl.read_parquet(folder / "rule_outcomes.parquet")
    assert sorted(outcomes["rule_id"]) == ["ID-01", "UN-01", "UN-02"]


def test_dates_are_judged_by_as_of(call: Call, claims: Path) -> None:
    result = call("run", claims, "--as-of", "2024-08-01", "--select", "DT-02", "--quiet")

    assert result.exit_code == 1


def test_mask_members_keeps_member_numbers_out_of_every_file(
    call: Call, faulty: Path, place: Path
) -> None:
    result = call("run", faulty, "--mask-members", "--run-id", "r")

    assert result.exit_code == 1
    member = CLEAN["member_id"].encode()
    files = list((place / "reports" / "r").glob("*"))
    assert not [file.name for file in files if member in file.read_bytes()]


def test_equal_mask_keys_give_equal_masks(call: Call, faulty: Path, place: Path) -> None:
    (place / "key").write_text("0123456789abcdef" * 4)
    masks = []
    for run in ("one", "two"):
        call("run", faulty, "--mask-key", "key", "--run-id", run)
        masks.append(pl.read_parquet(place / "reports" / run / "exceptions.parquet")["member_id"])

    assert masks[0].equals(masks[1])
    assert CLEAN["member_id"] not in masks[0]


def test_a_declared_dialect_is_used(call: Call, place: Path) -> None:
    file = place / "claims.txt"
    file.write_bytes(csv(CLEAN).replace(",", "^").encode("utf-16"))

    result = call("run", file, "--delimiter", "^", "--quote", "", "--encoding", "utf-16", "-q")

    assert result.exit_code == 0, result.output


def test_a_layout_file_is_used(call: Call, place: Path) -> None:
    file = place / "odd.csv"
    file.write_text(csv(CLEAN).replace("claim_id", "k1").replace("hcpcs_code", "k2"))
    (place / "odd.toml").write_text(
        'name = "odd"\ntitle = "odd"\n[columns]\nclaim_id = "k1"\nhcpcs_code = "k2"\n'
        'service_from_date = "service_from_date"\nunits = "units"\n'
    )

    result = call("run", file, "--layout", "odd.toml", "-q")

    assert result.exit_code == 0, result.output


def test_a_rule_that_breaks_is_3_and_the_reports_are_written_all_the_same(
    call: Call, faulty: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule: Rule = all_rules()["UN-01"]

    def breaks(line: object, p: object) -> object:
        raise ValueError(SECRET)

    breaks.__module__ = rule.line_checks[0].__module__
    monkeypatch.setattr(rule, "line_checks", [breaks])
    result = call("run", faulty, "--run-id", "r", "--quiet")

    assert result.exit_code == 3
    assert result.stderr.startswith("claim-audit: these rules broke and judged nothing: UN-01;")
    assert result.stderr.count("\n") == 1
    assert SECRET not in result.output
    assert (place / "reports" / "r" / "manifest.json").is_file()


@pytest.mark.parametrize("asked", [False, True], ids=["line", "traceback"])
def test_an_unexpected_error_is_3_and_shows_its_place_and_no_cell(
    call: Call, claims: Path, place: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    before = left_behind(place)

    def breaks(*args: object, **kwargs: object) -> None:
        raise ValueError(f"cell {SECRET}")

    monkeypatch.setattr(pipeline, "audit_extract", breaks)
    if asked:
        monkeypatch.setenv("CLAIM_AUDIT_TRACEBACK", "1")
    result = call("run", claims)

    first, *rest = result.stderr.splitlines()
    assert result.exit_code == 3
    assert first.startswith("claim-audit: pipeline.py, line ")
    assert "unexpected ValueError" in first
    assert "CLAIM_AUDIT_TRACEBACK=1" in first
    assert SECRET not in first
    assert bool(rest) == asked
    assert ("Traceback" in result.stderr) == asked
    assert left_behind(place) == before


def test_an_interrupted_run_is_130_and_leaves_nothing(
    call: Call, claims: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = left_behind(place)

    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "audit_extract", interrupted)
    result = call("run", claims)

    assert (result.exit_code, result.stderr) == (130, "claim-audit: interrupted\n")
    assert left_behind(place) == before

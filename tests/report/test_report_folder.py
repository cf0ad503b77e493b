"""The run folder: all of it or nothing, private, never overwritten."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from claim_audit.config import AuditConfig
from claim_audit.errors import ClaimAuditError
from claim_audit.ingest.sources import discover
from claim_audit.pipeline import AuditResult
from claim_audit.report import page, run_folder, tables
from claim_audit.report.documents import Manifest, Summary

TABLES = ("exceptions", "rule_outcomes", "rejects", "benchmarks")
DOCUMENTS = ("summary.json", "report.html", "manifest.json")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files in the order in which they are made."""
    made: list[str] = []
    really = os.open

    def recording(path: Any, flags: int, *mode: int, **more: Any) -> int:
        if flags & os.O_CREAT:
            made.append(Path(path).name)
        return really(path, flags, *mode, **more)

    monkeypatch.setattr(run_folder.os, "open", recording)
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fails_with(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any) -> None:
        raise error

    return fail


@pytest.mark.parametrize("formats", [("parquet", "csv"), ("csv",), ()])
def test_what_a_run_folder_holds(
    result: AuditResult, tmp_path: Path, formats: tuple[str, ...]
) -> None:
    folder = run_folder.write(result, tmp_path / "reports", "run-1", formats)
    assert folder == tmp_path / "reports" / "run-1"
    assert {path.name for path in folder.iterdir()} == {
        *(f"{table}.{ending}" for table in TABLES for ending in formats),
        *DOCUMENTS,
    }
    assert names(tmp_path / "reports") == ["run-1"]


def test_only_the_owner_can_read_it(result: AuditResult, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = run_folder.write(result, tmp_path, "run")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_manifest_is_last_and_true(
    result: AuditResult, tmp_path: Path, opened: list[str]
) -> None:
    folder = run_folder.write(result, tmp_path, "run")
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    Summary.model_validate_json((folder / "summary.json").read_bytes())
    assert opened[-1] == "manifest.json"
    assert [file.file for file in manifest.files] == opened[:-1]
    assert manifest.run_id == "run"
    for file in manifest.files:
        content = (folder / file.file).read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    rows = {file.file: file.rows for file in manifest.files}
    assert rows["exceptions.csv"] == rows["exceptions.parquet"] == result.exceptions.height
    assert rows["summary.json"] is rows["report.html"] is None


def test_the_manifest_has_the_cost_of_the_writing_too(result: AuditResult, tmp_path: Path) -> None:
    before = result.manifest["cost"]
    for name in ("one", "two"):
        told: list[str] = []
        folder = run_folder.write(
            result, tmp_path, name, on_stage=lambda stage, told=told: told.append(stage.stage)
        )
        cost = json.loads((folder / "manifest.json").read_bytes())["cost"]
        assert cost["stages"][:-1] == before["stages"]
        assert told == [stage["stage"] for stage in cost["stages"][-1:]] == ["write"]
        assert cost["peak_memory_bytes"] >= max(s["peak_memory_bytes"] for s in cost["stages"])
        assert cost["memory_budget_bytes"] > 0


def test_ingest_knows_the_folder_for_its_own(result: AuditResult, tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("a\n1\n")
    run_folder.write(result, tmp_path, "run")
    found = discover([tmp_path])
    assert [source.name for source in found.sources] == ["claims.csv"]
    assert found.skipped == ("run: a finished run of claim-audit",)


@pytest.mark.parametrize("content", [[], ["manifest.json"], ["something"]])
def test_a_folder_of_that_name_stays_as_it_is(
    result: AuditResult, tmp_path: Path, content: list[str]
) -> None:
    (tmp_path / "run").mkdir()
    for name in content:
        (tmp_path / "run" / name).write_text("mine")
    with pytest.raises(ClaimAuditError, match="never overwritten") as raised:
        run_folder.write(result, tmp_path, "run")
    assert raised.value.exit_code == 2
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == content


def test_a_link_to_nowhere_counts_as_being_there(result: AuditResult, tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ClaimAuditError, match="never overwritten"):
        run_folder.write(result, tmp_path, "run")


def test_who_takes_the_name_meanwhile_keeps_it(
    result: AuditResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: Any) -> str:
        (tmp_path / "run").mkdir()
        return "page"

    monkeypatch.setattr(page, "render", taken)
    with pytest.raises(ClaimAuditError, match="never overwritten"):
        run_folder.write(result, tmp_path, "run")
    assert names(tmp_path) == ["run"]
    assert names(tmp_path / "run") == []


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", ["parquet", "csv", "page", "manifest", "rename"])
def test_trap_08_a_crash_midway_leaves_nothing(
    result: AuditResult,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: str,
    error: BaseException,
) -> None:
    fail = fails_with(error)
    really = json.dumps
    places: dict[str, tuple[Any, Any, Any]] = {
        "parquet": (tables.WRITERS, "parquet", fail),
        "csv": (tables.WRITERS, "csv", fail),
        "page": (page, "render", fail),
        "manifest": (
            run_folder.json,
            "dumps",
            lambda content, **how: fail() if "files" in content else really(content, **how),
        ),
        "rename": (Path, "rename", fail),
    }
    place, name, instead = places[at]
    patch = monkeypatch.setitem if isinstance(place, dict) else monkeypatch.setattr
    patch(place, name, instead)
    with pytest.raises(type(error)):
        run_folder.write(result, tmp_path / "new" / "reports", "run")
    assert names(tmp_path) == []


def test_a_crash_leaves_what_was_there(
    result: AuditResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_folder.write(result, tmp_path, "first")
    monkeypatch.setitem(tables.WRITERS, "csv", fails_with(RuntimeError()))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        run_folder.write(result, tmp_path, "second")
    assert names(tmp_path) == ["first"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("ending", [".parquet", ".csv", ".json", ".html"])
def test_a_full_disk_is_told_and_leaves_nothing(
    result: AuditResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    really = os.open

    def full(path: Any, flags: int, *mode: int, **more: Any) -> int:
        if str(path).endswith(ending):
            return really("/dev/full", os.O_WRONLY)
        return really(path, flags, *mode, **more)

    monkeypatch.setattr(run_folder.os, "open", full)
    with pytest.raises(ClaimAuditError, match=os.strerror(errno.ENOSPC)) as raised:
        run_folder.write(result, tmp_path / "reports", "run")
    assert raised.value.exit_code == 2
    assert names(tmp_path) == []


def test_out_below_a_file(result: AuditResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ClaimAuditError, match="cannot be written") as raised:
        run_folder.write(result, tmp_path / "file" / "reports", "run")
    assert raised.value.exit_code == 2
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("early", [True, False])
def test_no_permission_to_write(
    result: AuditResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """Whether it shows beforehand or only when the folder is made."""
    monkeypatch.setattr(run_folder.os, "access", lambda *_: not early)
    denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    monkeypatch.setattr(run_folder.tempfile, "mkdtemp", lambda **_: fails_with(denied)())
    with pytest.raises(ClaimAuditError, match="cannot be written") as raised:
        run_folder.write(result, tmp_path / "reports", "run")
    assert raised.value.exit_code == 2
    assert names(tmp_path) == []


def test_check_touches_nothing(tmp_path: Path) -> None:
    run_folder.check(tmp_path / "a" / "b", "run")
    assert names(tmp_path) == []


def test_a_name_for_a_run() -> None:
    now = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
    drawn = {run_folder.new_run_id(now, ["in/claims 2024-07.csv.gz", "b"]) for _ in range(50)}
    assert len(drawn) == 50
    assert all(re.fullmatch("20261122T031400Z-claims-2024-07-[0-9a-f]{8}", name) for name in drawn)


@pytest.mark.parametrize("given", [[], ["*.csv"], ["ä" * 300], ["."], ["../"], ["x" * 300]])
def test_a_name_for_any_input_is_a_name(given: list[str]) -> None:
    name = run_folder.new_run_id(datetime.now(UTC), given)
    assert AuditConfig(run_id=name).run_id == name

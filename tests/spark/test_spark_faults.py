"""What happens when something is lost: the same tables, or none and one line that says why.

Every fault leaves a trace by which the test sees that it fired.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from spark_runs import SAMPLES, hashes, program, settings, written

from claim_audit.engine.spark import audit as spark
from claim_audit.engine.spark import parcel
from claim_audit.errors import ClaimAuditError, InternalError
from claim_audit.pipeline import audit

FAULTS = Path(__file__).parent / "faults"


@pytest.fixture
def fired(tmp_path: Path) -> Path:
    folder = tmp_path / "fired"
    folder.mkdir()
    return folder


def faulty(fault: str, fired: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(FAULTS), "FAULT": fault, "FAULT_FOLDER": str(fired)}


def nothing_left(out: Path) -> bool:
    return not out.exists() or not list(out.iterdir())


def test_a_killed_python_worker_is_replaced(alone: dict[str, str], out: Path, fired: Path) -> None:
    done = program(out, "--master", "local[2,4]", "--buckets", "3", **faulty("worker:2", fired))
    assert len(list(fired.iterdir())) == 2
    assert done.returncode == 0, done.stderr
    assert written(out / "run") == alone


def test_a_killed_executor_takes_shuffled_lines_along_and_they_are_made_again(
    alone: dict[str, str], out: Path, fired: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events"
    events.mkdir()
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(
        f"spark.eventLog.enabled true\nspark.eventLog.dir file://{events}\n"
        "spark.eventLog.compress false\n"
    )
    done = program(
        out,
        *("--master", "local-cluster[2,1,1024]", "--buckets", "3"),
        **faulty("executor:1", fired),
        SPARK_CONF_DIR=str(conf),
    )
    assert len(list(fired.iterdir())) == 1
    assert done.returncode == 0, done.stderr
    assert written(out / "run") == alone
    assert "SparkListenerExecutorRemoved" in (log := logged(events))
    assert made_again(log)


def logged(events: Path) -> str:
    return "".join(path.read_text() for path in events.rglob("*") if path.is_file())


def made_again(log: str) -> list[int]:
    """Partitions of shuffled lines that a later attempt of their stage made again."""
    ended = (json.loads(row) for row in log.splitlines() if "SparkListenerTaskEnd" in row)
    return [
        event["Task Info"]["Partition ID"]
        for event in ended
        if event["Task Type"] == "ShuffleMapTask"
        and event["Stage Attempt ID"] > 0
        and event["Task End Reason"]["Reason"] == "Success"
    ]


def test_a_bucket_that_always_dies_publishes_nothing_and_is_named(out: Path, fired: Path) -> None:
    fault = {**faulty("worker", fired), "FAULT_LINE": str((1 << 48) + (1 << 8))}
    done = program(out, "--master", "local[2,2]", "--buckets", "3", **fault)
    assert len(list(fired.iterdir())) == 2
    assert done.returncode == 2
    assert "bucket" in said(done.stderr)
    assert "was begun 2 times and its process was lost each time" in said(done.stderr)
    assert nothing_left(out)


def test_a_bucket_that_always_raises_is_our_fault_and_says_no_cell(out: Path, fired: Path) -> None:
    done = program(out, "--master", "local[2]", "--buckets", "1", **faulty("exception", fired))
    assert list(fired.iterdir())
    assert done.returncode == 3
    assert "a cell value" not in done.stderr + done.stdout
    assert nothing_left(out)


def said(stderr: str) -> str:
    (line,) = (line for line in stderr.splitlines() if line.startswith("claim-audit: "))
    return line


def after(monkeypatch: pytest.MonkeyPatch, step: str, damage: Callable[[Path], None]) -> list[Path]:
    """Damage the work folder between a step of the driver and the next; where that happened."""
    done: list[Path] = []
    if step == "read":
        read = spark.read_extract

        def read_and_damage(cluster: Any, *args: Any) -> Any:
            found = read(cluster, *args)
            damage(cluster.work)
            done.append(cluster.work)
            return found

        monkeypatch.setattr(spark, "read_extract", read_and_damage)
    else:
        buckets = spark.Cluster.buckets

        def judge_and_damage(self: Any, *args: Any) -> Any:
            found = buckets(self, *args)
            damage(self.work)
            done.append(self.work)
            return found

        monkeypatch.setattr(spark.Cluster, "buckets", judge_and_damage)
    return done


def lost(pattern: str) -> Callable[[Path], None]:
    return lambda work: sorted(work.glob(pattern))[1].unlink()


def doubled(pattern: str) -> Callable[[Path], None]:
    def copy(work: Path) -> None:
        first, second, *_ = sorted(work.glob(pattern))
        shutil.copy(first, second)

    return copy


@pytest.mark.parametrize(
    ("step", "pattern"), [("read", "0000?-*.parquet"), ("buckets", "bucket-*.parquet")]
)
@pytest.mark.parametrize("damage", [lost, doubled])
@pytest.mark.usefixtures("session", "small")
def test_a_part_file_lost_or_doubled_publishes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    out: Path,
    step: str,
    pattern: str,
    damage: Callable[[str], Callable[[Path], None]],
) -> None:
    done = after(monkeypatch, step, damage(pattern))
    with pytest.raises(InternalError):
        audit(SAMPLES, config=settings(engine="spark", out=out, buckets=3))
    assert len(done) == 1
    assert nothing_left(out)


@pytest.mark.usefixtures("session", "small")
def test_a_stray_copy_of_a_part_file_is_not_read(
    monkeypatch: pytest.MonkeyPatch, alone: dict[str, str], out: Path
) -> None:
    def copy(work: Path) -> None:
        first = min(work.glob("bucket-*.parquet"))
        shutil.copy(first, work / "bucket-000999.parquet")

    done = after(monkeypatch, "buckets", copy)
    result = audit(SAMPLES, config=settings(engine="spark", out=out, buckets=3))
    assert len(done) == 1
    assert hashes(result) == alone


@pytest.mark.usefixtures("session")
def test_a_worker_with_another_version_is_refused(
    monkeypatch: pytest.MonkeyPatch, out: Path
) -> None:
    here = parcel.versions()
    monkeypatch.setattr(parcel, "versions", lambda: {**here, "polars": "0.1"})
    with pytest.raises(ClaimAuditError, match=r"polars 0\.1 here and [0-9.]+ there") as refused:
        audit(SAMPLES, config=settings(engine="spark", out=out))
    assert refused.value.exit_code == 2
    assert nothing_left(out)

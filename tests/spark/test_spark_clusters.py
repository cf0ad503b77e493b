"""The program on clusters: separate executor processes, a standalone cluster, Spark Connect."""

from __future__ import annotations

import json
from pathlib import Path

from spark_clusters import connect_server, standalone
from spark_runs import program, written


def test_local_cluster(alone: dict[str, str], out: Path) -> None:
    master = ("--master", "local-cluster[2,1,1024]")
    done = program(out, *master, "--buckets", "3", "--threads", "1")
    assert done.returncode == 0, done.stderr
    assert written(out / "run") == alone
    cost = json.loads((out / "run" / "manifest.json").read_text())["cost"]
    stages = ["load", "start", "read", "audit", "summary", "write"]
    assert [stage["stage"] for stage in cost["stages"]] == stages
    assert (cost["threads"], cost["memory_budget_bytes"]) == (1, None)


def test_standalone_cluster(alone: dict[str, str], out: Path, tmp_path: Path) -> None:
    with standalone(tmp_path) as master:
        done = program(out, "--master", master, "--buckets", "3")
    assert done.returncode == 0, done.stderr
    assert written(out / "run") == alone


def test_spark_connect(alone: dict[str, str], out: Path, tmp_path: Path) -> None:
    with connect_server(tmp_path) as remote:
        done = program(out, "--remote", remote, "--buckets", "3")
    assert done.returncode == 0, done.stderr
    assert written(out / "run") == alone

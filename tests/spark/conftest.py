"""Sessions and clusters on this machine. These tests need Java; without it they fail, not skip."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from spark_runs import SAMPLES, cut_small, hashes, settings

from claim_audit.pipeline import audit


@pytest.fixture(scope="session", autouse=True)
def environment() -> None:
    """Workers run this interpreter, everything stays on the loopback interface, and Java does not
    compile at length what runs for seconds."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def alone() -> dict[str, str]:
    """SHA-256 of each table of the samples, by the local engine."""
    return hashes(audit(SAMPLES, config=settings()))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes with which the samples are cut wherever a large extract would be."""
    cut_small(monkeypatch)


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """An open session of two task slots on this machine."""
    found = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield found
    found.stop()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An empty folder for runs."""
    return tmp_path / "out"

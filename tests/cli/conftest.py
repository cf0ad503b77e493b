"""Claim files to call the program with, and ways to call it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_claims import CLEAN, SECRET, csv
from typer.testing import CliRunner, Result

from claim_audit.cli import app


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory; temporary files go to `temporary` beside it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    working = tmp_path / "working"
    working.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(working)
    for name in list(os.environ):
        if name.startswith("CLAIM_AUDIT_") or name == "COLUMNS":
            monkeypatch.delenv(name)
    return working


@pytest.fixture
def claims(place: Path) -> Path:
    """A file of one clean line."""
    file = place / "claims.csv"
    file.write_text(csv(CLEAN))
    return file


@pytest.fixture
def faulty(place: Path) -> Path:
    """A file with a clean line and one without units."""
    file = place / "faulty.csv"
    file.write_text(csv(CLEAN, {**CLEAN, "claim_id": f"{SECRET}-C2", "units": "0"}))
    return file


@pytest.fixture
def call(place: Path) -> Callable[..., Result]:
    """Call the program within this process."""

    def call(*args: str | Path) -> Result:
        return CliRunner().invoke(app, list(map(str, args)))

    return call


@pytest.fixture
def process(place: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the program as a process of its own."""

    def start(*args: str | Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "claim_audit", *map(str, args)],
            cwd=place,
            env={**os.environ, "TMPDIR": str(tempfile.tempdir), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start

"""The number of threads, which Polars takes when it is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from claim_audit import audit
from claim_audit.errors import ClaimAuditError
from claim_audit.threads import VARIABLE, settle

OTHER = pl.thread_pool_size() + 1


def said(code: str, **environment: str) -> str:
    """What a new process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_polars_and_pyarrow_take_the_number_and_the_environment_stays() -> None:
    code = (
        "import os\n"
        "from claim_audit.threads import settle\n"
        "settle(3)\n"
        "import polars, pyarrow\n"
        "print(polars.thread_pool_size(), pyarrow.cpu_count(), os.environ['POLARS_MAX_THREADS'])"
    )
    assert said(code, POLARS_MAX_THREADS="2") == "3 3 2"


def test_without_a_number_nothing_is_imported_or_set() -> None:
    code = (
        "import sys\n"
        "from claim_audit.config import AuditConfig\n"
        "from claim_audit.threads import settle\n"
        "settle(AuditConfig.load().threads)\n"
        "print([name for name in ('polars', 'pyarrow', 'numpy') if name in sys.modules])"
    )
    assert said(code) == "[]"


def test_the_number_that_polars_has_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    before = pa.cpu_count()
    try:
        settle(pl.thread_pool_size())
        assert pa.cpu_count() == pl.thread_pool_size()
    finally:
        pa.set_cpu_count(before)
    assert VARIABLE not in os.environ


def test_another_number_than_polars_has_is_refused_before_anything_is_read() -> None:
    before = pa.cpu_count()
    with pytest.raises(ClaimAuditError) as caught:
        audit(Path("nowhere.csv"), threads=OTHER)
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith(f"setting threads: {OTHER} threads are asked for, and ")
    assert f"set {VARIABLE}={OTHER} in the environment before" in caught.value.hint
    assert pa.cpu_count() == before

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from claim_audit import sample
from claim_audit.sample import Written

Write = Callable[..., Written]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a sample into a folder of its own: small and clean unless told otherwise."""

    def write_sample(name: str = "sample", **options: Any) -> Written:
        settings = {"lines": 5000, "seed": 1, "format": "parquet", "error_rate": 0.0}
        return sample.write(tmp_path / name, **(settings | options))

    return write_sample


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """A clean sample, with amounts and units as floats."""
    out = tmp_path_factory.mktemp("clean")
    written = sample.write(out, lines=30_000, seed=20, format="parquet", error_rate=0.0)
    return pl.read_parquet(written.claims).with_columns(pl.col(pl.Decimal).cast(pl.Float64))

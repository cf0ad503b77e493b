"""What measurements were made on."""

from __future__ import annotations

import platform

import polars as pl


def described() -> dict[str, str | int]:
    """Processor, threads and versions."""
    return {
        "machine": platform.machine(),
        "threads": pl.thread_pool_size(),
        "python": platform.python_version(),
        "polars": pl.__version__,
    }

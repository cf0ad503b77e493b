"""How many threads Polars and pyarrow work in.

Polars takes the number when it is imported, and never again. Nothing here imports it before.
"""

from __future__ import annotations

import os
from typing import Final

from claim_audit import errors

VARIABLE: Final = "POLARS_MAX_THREADS"
MOST_THREADS: Final = 1024
"""With a few more than that Polars does not start."""


def settle(threads: int | None) -> None:
    """Have Polars and pyarrow work in so many threads of this process; none: as they would.

    Raises:
        ClaimAuditError: Polars was imported before, with another number.
    """
    if threads is None:
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(threads)
    try:
        import polars as pl  # noqa: PLC0415
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
    import pyarrow as pa  # noqa: PLC0415

    if pl.thread_pool_size() != threads:
        raise errors.threads_settled(threads, pl.thread_pool_size(), VARIABLE)
    pa.set_cpu_count(threads)

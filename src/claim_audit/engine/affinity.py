"""Which engine of Polars collects what names none itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import polars as pl

from claim_audit import errors
from claim_audit.config import Engine


@contextmanager
def affinity(engine: Engine) -> Iterator[None]:
    """Within, ``collect()`` means the GPU for the engine ``gpu`` and streaming for all others.

    What the GPU cannot do Polars does on the processor, in memory. `pl.collect_all` knows no GPU:
    it has to name its engine.

    Raises:
        ClaimAuditError: Polars cannot use a GPU here.
    """
    if engine == "gpu":
        _check_gpu()
    with pl.Config(engine_affinity="gpu" if engine == "gpu" else "streaming"):
        yield


def _check_gpu() -> None:
    """Import, as Polars will, what runs its queries on a GPU; it looks for one by itself."""
    try:
        import_module("cudf_polars")
    except ModuleNotFoundError as error:
        raise errors.gpu_unusable(f"{error.name} is not installed") from None
    except Exception as error:
        raise errors.gpu_unusable(f"cudf_polars breaks with {type(error).__name__}") from error

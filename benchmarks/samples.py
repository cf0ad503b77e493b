"""Files to measure on: made once, gone when they are no longer needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from claim_audit import sample

Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")


@contextmanager
def sample_file(lines: int, form: Format) -> Iterator[Path]:
    """A made-up extract of so many lines with 3 % planted errors; TMPDIR says where it lies."""
    with tempfile.TemporaryDirectory(prefix="claim-audit-bench-") as folder:
        yield sample.write(Path(folder), lines=lines, seed=1, format=form).claims

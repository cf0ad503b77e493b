"""Where frames wait until they are needed: in memory, or in a folder when there are many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa


class Aside(Protocol):
    """A place for frames."""

    def put(self, frame: pl.DataFrame) -> pl.LazyFrame:
        """Keep a frame; what is returned reads it."""
        ...

    def whole(self, table: pl.LazyFrame) -> pl.DataFrame:
        """A table made of what was put aside, to be handed out."""
        ...


class InMemory:
    """Frames stay where they are."""

    def put(self, frame: pl.DataFrame) -> pl.LazyFrame:
        """The frame."""
        return frame.lazy()

    def whole(self, table: pl.LazyFrame) -> pl.DataFrame:
        """The table, worked out."""
        return table.collect()


class InFolder:
    """Frames lie in Arrow files of a folder, which its owner alone can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers: Iterator[int] = count()

    def put(self, frame: pl.DataFrame) -> pl.LazyFrame:
        """A scan of the file that the frame was written to."""
        file = self._next()
        frame.write_ipc(file, compression="lz4")
        return pl.scan_ipc(file)

    def whole(self, table: pl.LazyFrame) -> pl.DataFrame:
        """The table in a file, read where it is looked at, so that memory need not hold it.

        The file may be removed while the table is in use.
        """
        file = self._next()
        table.sink_ipc(file, compression="uncompressed", maintain_order=True)
        mapped = pa.ipc.open_file(pa.memory_map(str(file))).read_all()
        return pl.DataFrame(pl.from_arrow(mapped, rechunk=False))

    def _next(self) -> Path:
        return self.folder / f"aside-{next(self._numbers):06d}.arrow"

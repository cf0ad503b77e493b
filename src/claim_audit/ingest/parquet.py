"""A Parquet file as a raw frame, read where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from claim_audit import errors
from claim_audit.ingest.accounting import Accounting
from claim_audit.ingest.probe import ROW_COLUMN
from claim_audit.ingest.sources import BLOCK_BYTES, Source, StoredBytes

_TEXT_BY_ANOTHER_NAME = (pl.Categorical, pl.Enum, pl.Binary)


@dataclass(frozen=True, slots=True)
class Opened:
    """A Parquet file as a frame: ``source_row`` UInt32, then its flat columns.

    Columns keep their types, except that categories and bytes become String. ``notes`` name the
    columns left out, with why; ``records`` is what the footer declares.
    """

    raw: pl.LazyFrame
    schema: dict[str, pl.DataType]
    header: tuple[str, ...]
    notes: tuple[str, ...]
    records: int

    def accounting(self) -> Accounting:
        """The rows that come out, beside those the footer declares."""
        return Accounting(
            physical_lines=self.records,
            header_lines=0,
            blank_lines=0,
            embedded_newlines=0,
            records=self.records,
            claim_records=self.raw.select(pl.len()).collect().item(),
            rejects=0,
        )


def open(source: Source, work: Path) -> Opened:
    """Read footer and schema; a compressed file is first unpacked into ``work``.

    Raises ``parquet_unreadable``, ``work_not_writable`` and what reading stored bytes raises.
    """
    path = _unpacked(source, work)
    try:
        records = pq.read_metadata(path).num_rows
        names = pq.read_schema(path).names
    except (OSError, pa.ArrowException) as error:
        raise errors.parquet_unreadable(source.name, "its footer is damaged or cut off") from error
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise errors.parquet_unreadable(source.name, f"two columns are named {twice!r}")
    try:
        scan = _numbered(path, names)
        types = scan.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise errors.parquet_unreadable(source.name, "its columns are of unknown types") from error

    notes: list[str] = []
    schema: dict[str, pl.DataType] = {}
    for name, dtype in types.items():
        if dtype.is_nested():
            notes.append(f"column {name!r} is nested and not read")
        elif dtype == pl.Binary and not _is_text(scan, name):
            notes.append(f"column {name!r} holds bytes that are no text and is not read")
        elif name != ROW_COLUMN:
            schema[name] = pl.String() if dtype in _TEXT_BY_ANOTHER_NAME else dtype
    columns = (
        pl.col(name) if dtype == types[name] else pl.col(name).cast(dtype)
        for name, dtype in schema.items()
    )
    return Opened(
        raw=scan.select(pl.col(ROW_COLUMN).cast(pl.UInt32), *columns),
        schema=schema,
        header=tuple(schema),
        notes=tuple(notes),
        records=records,
    )


def _numbered(path: Path, names: list[str]) -> pl.LazyFrame:
    if ROW_COLUMN not in names:
        return pl.scan_parquet(
            path,
            row_index_name=ROW_COLUMN,
            row_index_offset=1,
            glob=False,
            hive_partitioning=False,
        )
    other = next(
        name for n in range(2, len(names) + 3) if (name := f"{ROW_COLUMN}_{n}") not in names
    )
    scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    return scan.rename({ROW_COLUMN: other}).with_row_index(ROW_COLUMN, offset=1)


def _is_text(scan: pl.LazyFrame, name: str) -> bool:
    try:
        scan.select(pl.col(name).cast(pl.String).str.len_bytes().max()).collect(engine="streaming")
    except pl.exceptions.ComputeError:
        return False
    return True


def _unpacked(source: Source, work: Path) -> Path:
    with StoredBytes(source) as stored:
        if not stored.compression:
            return source.path
        path = work / f"{source.number:05d}.unpacked.parquet"
        try:
            path.touch(mode=0o600)
            with path.open("wb") as file:
                for block in stored.blocks(BLOCK_BYTES):
                    file.write(block)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise errors.work_not_writable(str(work), error.strerror or "no room") from error
            raise
        return path

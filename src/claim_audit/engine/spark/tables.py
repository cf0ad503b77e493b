"""Tables that Spark reads by itself: Parquet folders, tables of a catalog, Delta.

A table has no order, so its records are numbered by a declared key: sorted by it, each has the same
number in every run. They are landed as Parquet in the work folder in that order, and from there on
a table is a file like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path, PurePath
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from claim_audit import errors
from claim_audit.engine.spark.attempts import noted
from claim_audit.engine.spark.cluster import Cluster
from claim_audit.engine.spark.reading import Rows, Stretch
from claim_audit.ingest import REJECTS, Extract, Match, SourceFile
from claim_audit.ingest.accounting import Accounting
from claim_audit.ingest.probe import ROW_COLUMN
from claim_audit.ingest.sources import refuse_lakehouse

DELTA = "delta:"
"""In front of the path of a Delta table."""

_NESTED = ("array", "map", "struct", "binary", "variant", "interval")


@dataclass(frozen=True)
class Sorted:
    """A landed partition: rows whose keys lie above those of the partitions before it.

    `content` is the sum of a hash of each row, the same in whatever order.
    """

    file: Path
    rows: int
    content: int


@dataclass(frozen=True)
class LandPartitions:
    """Lands the partitions of a table that is sorted by `key`."""

    work: Path
    number: int
    name: str
    key: tuple[str, ...]

    def __call__(self, partition: int, batches: Iterable[pa.RecordBatch]) -> Sorted | None:
        """Land one partition; None where it holds nothing.

        Raises:
            ClaimAuditError: a key that is blank, or that two records have.
        """
        file = self.work / f"{self.number:05d}-table-{partition:06d}.parquet"
        writer, rows, content, last = None, 0, 0, None
        with noted(self.work, f"partition {partition} of {self.name}"):
            for batch in batches:
                if not batch.num_rows:
                    continue
                writer = writer or pq.ParquetWriter(file, batch.schema, compression="none")
                writer.write_batch(batch)
                frame = pl.DataFrame(pl.from_arrow(batch))
                keys = frame.select(self.key)
                if any(keys.null_count().row(0)):
                    raise errors.record_key_blank(self.name, self.key)
                if keys.row(0) == last or keys.is_duplicated().any():
                    raise errors.record_key_twice(self.name, self.key)
                last = keys.row(-1)
                rows += frame.height
                content += int(frame.hash_rows(seed=0).cast(pl.Int128).sum())
            if writer is None:
                return None
            writer.close()
            return Sorted(file, rows, content)


def read_tables(
    cluster: Cluster, names: Sequence[str | Path], key: tuple[str, ...], match: Match, rows: int
) -> tuple[Extract, tuple[Stretch, ...], dict[int, Rows]]:
    """Land tables; the extract, its records in stretches of about `rows`, and the rows of each.

    Args:
        cluster: where they are read.
        names: paths of Parquet folders, of Delta tables behind `DELTA`, names in a catalog.
        key: columns that tell the records of a table apart.
        match: finds the layout of a header.
        rows: records of a partition.

    Raises:
        ClaimAuditError: a table or key column that is not there, a key that is none, or the files
            of a lakehouse table in place of the table.
    """
    for name in map(str, names):
        if "/" in name and not name.startswith(DELTA):
            refuse_lakehouse(Path(name))
    read = [
        _read(cluster, number, str(name), key, match, rows)
        for number, name in enumerate(names, start=1)
    ]
    return (
        Extract(tuple(file for file, _ in read), REJECTS.to_frame(), ()),
        tuple(stretch for _, stretches in read for stretch in stretches),
        {file.number: reduce(add, map(_rows, stretches)) for file, stretches in read},
    )


def _rows(stretch: Stretch) -> Rows:
    return Rows.of(stretch.raw)


def _read(
    cluster: Cluster, number: int, given: str, key: tuple[str, ...], match: Match, rows: int
) -> tuple[SourceFile, list[Stretch]]:
    name = PurePath(given.removeprefix(DELTA)).name
    try:
        frame = _frame(cluster.session, given)
        header = [f.name for f in frame.schema if not f.dataType.simpleString().startswith(_NESTED)]
        records = frame.count()
    except Exception as error:
        raise _unreadable(given, error) from error
    if missing := [column for column in key if column not in header]:
        raise errors.record_key_missing(name, missing)
    if not records:
        raise errors.empty_file(name)
    matched = match(name, tuple(header))
    quoted = [f"`{column}`" for column in key]
    partitions = -(-records // rows)
    ordered = (
        frame.select([f"`{column}`" for column in header])
        .repartitionByRange(partitions, *quoted)
        .sortWithinPartitions(*quoted)
    )
    landed = cluster.partitions(LandPartitions(cluster.work, number, name, key), ordered)
    stretches: list[Stretch] = []
    done = 0
    for part in filter(None, landed):
        raw = pl.scan_parquet(
            part.file, glob=False, row_index_name=ROW_COLUMN, row_index_offset=done + 1
        )
        stretches.append(Stretch(number, raw, 0, part.rows))
        done += part.rows
    if done != records:
        raise errors.lines_astray(name, records, done)
    schema = dict(stretches[0].raw.drop(ROW_COLUMN).collect_schema())
    content = sum(part.content for part in landed if part)
    return SourceFile(
        number=number,
        path=Path(given),
        name=name,
        format="parquet",
        compression=None,
        bytes=0,
        sha256=hashlib.sha256(f"{records}:{content}".encode()).hexdigest(),
        encoding=None,
        delimiter=None,
        header=tuple(header),
        match=matched,
        accounting=Accounting(records, 0, 0, 0, records, done, 0),
        raw=pl.concat(stretch.raw for stretch in stretches),
        schema=schema,
        notes=(
            f"a table read by Spark, its records numbered by {', '.join(key)}; its hash is over "
            "the content of its rows",
        ),
    ), stretches


def _unreadable(given: str, error: Exception) -> errors.ClaimAuditError:
    if given.startswith(DELTA) and "[DATA_SOURCE_NOT_FOUND]" in str(error):
        return errors.delta_missing(given)
    return errors.table_unreadable(given, type(error).__name__)


def _frame(session: Any, given: str) -> Any:
    if given.startswith(DELTA):
        return session.read.format("delta").load(given.removeprefix(DELTA))
    return session.read.parquet(given) if "/" in given else session.table(given)

"""The functions that Spark ships to its workers.

Nothing here may import Polars before `_ready` has said how many threads it may start: a worker
process has one task slot.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from claim_audit import errors
from claim_audit.engine.spark import parcel as parcels
from claim_audit.engine.spark.parcel import Parcel

OUTCOME_DDL = "task BIGINT, outcome BINARY"
_OUTCOME = pa.schema([("task", pa.int64()), ("outcome", pa.binary())])

Batches = Iterator[pa.RecordBatch]


def _ready(parcel: Parcel) -> Any:
    """What the parcel holds, once it is sure that this process can understand it."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    here = parcels.versions()
    if here != parcel.versions:
        raise errors.versions_differ(parcel.versions, here)
    return parcels.unpacked(parcel)


def each_task(parcel: Parcel) -> Callable[[Batches], Batches]:
    """For `mapInArrow` over numbers of tasks: a row per task with what came of it, pickled."""

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                outcome = _outcome(parcel, number)
                yield pa.RecordBatch.from_pydict({"task": [number], "outcome": [outcome]}, _OUTCOME)

    return run


def each_line(parcel: Parcel) -> Callable[[Batches], Batches]:
    """For `mapInArrow` over numbers of tasks: the record batches that a task yields."""

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _ready(parcel)(number)

    return run


def each_partition(parcel: Parcel) -> Callable[[Batches], Batches]:
    """For `mapInArrow` over rows: one row per partition with what came of it, pickled."""

    def run(batches: Batches) -> Batches:
        from pyspark import TaskContext  # noqa: PLC0415

        number = TaskContext.get().partitionId()
        outcome = _outcome(parcel, number, batches)
        yield pa.RecordBatch.from_pydict({"task": [number], "outcome": [outcome]}, _OUTCOME)

    return run


def each_bucket(parcel: Parcel) -> Callable[[pa.Table], pa.Table]:
    """For `applyInArrow` by the first column: a row per bucket with what came of it, pickled."""

    def run(lines: pa.Table) -> pa.Table:
        number = lines.column(0)[0].as_py()
        outcome = _outcome(parcel, number, lines)
        return pa.Table.from_pydict({"task": [number], "outcome": [outcome]}, _OUTCOME)

    return run


def _outcome(parcel: Parcel, *task: Any) -> bytes:
    """What a task returns, or the error that it names; any other error is Spark's to retry."""
    try:
        return pickle.dumps(_ready(parcel)(*task))
    except errors.ClaimAuditError as error:
        return pickle.dumps(error)

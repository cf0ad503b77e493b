"""A Spark session, and work done in it: numbered tasks, each of which must come back once."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from claim_audit import errors
from claim_audit.config import AuditConfig
from claim_audit.engine.spark import attempts
from claim_audit.engine.spark.parcel import packed
from claim_audit.engine.spark.reading import KEY
from claim_audit.engine.spark.worker import (
    OUTCOME_DDL,
    each_bucket,
    each_line,
    each_partition,
    each_task,
)

T = TypeVar("T")

SETTINGS = {"spark.sql.adaptive.coalescePartitions.enabled": "false"}
"""Of every session: buckets keep a partition each, as far as their hashes let them."""

OWN_SETTINGS = {
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.log.level": "ERROR",
    "spark.ui.showConsoleProgress": "false",
}
"""Of a session that is started here."""

BUCKET = "_b"


@contextmanager
def cluster(config: AuditConfig, work: Path) -> Iterator[Cluster]:
    """The session that the settings ask for; one that was there already is left open.

    Raises:
        ClaimAuditError: pyspark or Java is not installed, or the cluster cannot be reached.
    """
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise errors.spark_missing() from None
    found = SparkSession.getActiveSession()
    builder = SparkSession.builder
    if config.remote:
        builder = builder.remote(config.remote)
    elif config.master:
        builder = builder.master(config.master).config(map=OWN_SETTINGS)
        if config.master.startswith("local"):
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        session = builder.appName("claim-audit").getOrCreate()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
    except Exception as error:
        raise errors.spark_not_started(
            config.remote or config.master or "the default master", type(error).__name__
        ) from error
    (work / attempts.FOLDER).mkdir()
    try:
        yield Cluster(session, work)
    finally:
        if found is None:
            session.stop()


class Cluster:
    """Work done in the partitions of a Spark session.

    The methods raise what a task raises of `ClaimAuditError`, `task_broke` or `task_died` where a
    task failed as often as Spark tries, and `tasks_astray` where a task came back twice or never.
    """

    def __init__(self, session: Any, work: Path) -> None:
        self.session = session
        self.work = work

    def tasks(self, task: Callable[[int], T], count: int) -> list[T]:
        """What `task` returns for every number below `count`, in order."""
        if not count:
            return []
        numbers = self.session.range(0, count, 1, count)
        found = self._collected(numbers.mapInArrow(each_task(packed(task, self.work)), OUTCOME_DDL))
        if [number for number, _ in found] != list(range(count)):
            raise errors.tasks_astray("tasks", count, len(found))
        return [outcome for _, outcome in found]

    def partitions(self, task: Callable[[int, Any], T], frame: Any) -> list[T]:
        """What `task` makes of the number and the record batches of every partition, in order."""
        found = self._collected(
            frame.mapInArrow(each_partition(packed(task, self.work)), OUTCOME_DDL)
        )
        if [number for number, _ in found] != list(range(len(found))):
            raise errors.tasks_astray("partitions", len(found), len({n for n, _ in found}))
        return [outcome for _, outcome in found]

    def buckets(
        self,
        lines: Callable[[int], Iterator[Any]],
        ddl: str,
        count: int,
        judge: Callable[[int, Any], T],
        buckets: int,
    ) -> dict[int, T]:
        """What `judge` makes of each bucket of the lines that tasks yield, by bucket.

        Args:
            lines: yields the record batches of a task below `count`.
            ddl: the columns of the batches; by the hash of `KEY` lines fall into buckets.
            judge: gets the number of a bucket and its lines, the number as the first column.
            buckets: how many there are; those without a line are left out.
        """
        from pyspark.sql import functions as f  # noqa: PLC0415

        self.session.conf.set("spark.sql.shuffle.partitions", str(buckets))
        numbers = self.session.range(0, count, 1, count)
        shuffled = (
            numbers.mapInArrow(each_line(packed(lines, self.work)), ddl)
            .select(f.pmod(f.xxhash64(KEY), f.lit(buckets)).cast("int").alias(BUCKET), "*")
            .groupBy(BUCKET)
        )
        found = self._collected(
            shuffled.applyInArrow(each_bucket(packed(judge, self.work)), OUTCOME_DDL)
        )
        numbers_found = [number for number, _ in found]
        if len(set(numbers_found)) != len(found) or not set(numbers_found) <= set(range(buckets)):
            raise errors.tasks_astray("buckets", len(set(numbers_found)), len(found))
        return dict(found)

    def _collected(self, frame: Any) -> list[tuple[int, Any]]:
        """The outcomes by number; the error of the first task that has one is raised."""
        try:
            rows = frame.collect()
        except Exception as error:
            raise self._failure(error) from error
        found = sorted(
            ((row["task"], pickle.loads(bytes(row["outcome"]))) for row in rows),
            key=lambda pair: pair[0],
        )
        for _, outcome in found:
            if isinstance(outcome, errors.ClaimAuditError):
                raise outcome
        return found

    def _failure(self, error: Exception) -> errors.ClaimAuditError:
        failing = attempts.failing(self.work)
        if failing is None:
            return errors.cluster_failed(type(error).__name__)
        if failing.broken:
            return errors.task_broke(failing.task, failing.broken)
        return errors.task_died(failing.task, failing.tries)

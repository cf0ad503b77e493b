"""Tasks that judge: a bucket of lines by the kernel, and exceptions into sorted ranges."""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa

from claim_audit import errors
from claim_audit.engine import exceptions
from claim_audit.engine.aside import InMemory
from claim_audit.engine.compile import Compiled, compile_rules
from claim_audit.engine.lines import Tally
from claim_audit.engine.local import judged
from claim_audit.engine.spark.attempts import noted
from claim_audit.engine.spark.reading import Columns, sum_of_ids
from claim_audit.reference.tables import Reference
from claim_audit.rules.form import Rule
from claim_audit.rules.line import Line
from claim_audit.rules.profile import Profile
from claim_audit.rules.registry import choose
from claim_audit.stages import Stages


@dataclass(frozen=True)
class Bucket:
    """What came of a bucket of lines, and the control numbers that prove it.

    Attributes:
        rows_in: lines judged.
        lines_sum: the sum of their `line_id`.
        rows_out: exceptions written to `file`, sorted by `exceptions.ORDER`, `line_id` in front.
        marks: the `line_id` of every so-many-th exception, in order.
        tallies, crashed, superseded: what the kernel counted.
        usage: file of the pickled `benchmarks.Usage`, some megabytes.
    """

    rows_in: int
    lines_sum: int
    rows_out: int
    file: Path
    marks: tuple[int, ...]
    tallies: Mapping[str, Tally]
    crashed: Mapping[str, str]
    superseded: int
    usage: Path


@dataclass(frozen=True)
class JudgeBuckets:
    """Judges the lines of whole members; a mark every `mark_rows` exceptions."""

    work: Path
    columns: Columns
    reference: Reference
    profile: Profile
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    params: Mapping[str, Mapping[str, object]]
    mark_rows: int

    @cached_property
    def _rules(self) -> Sequence[Rule]:
        return choose(self.select, self.ignore)

    @cached_property
    def _line(self) -> Line:
        return Line(self.reference, self.profile)

    @cached_property
    def _compiled(self) -> Compiled:
        return compile_rules(self._rules, self._line, self.params)

    def __call__(self, number: int, table: pa.Table) -> Bucket:
        """Judge one bucket."""
        with noted(self.work, f"bucket {number}"):
            lines = self.columns.received(table).lazy()
            here = InMemory()
            judgement, compiled = judged([lines.filter], self._compiled, self._line, here, Stages())
            names = {file.number: file.name for file in self.profile.files}
            rows = exceptions.table(judgement.parts, [], self._rules, names, here)
            usage = pickle.dumps(judgement.usage)
            file = _written(rows, self.work / f"bucket-{number:06d}.parquet")
            return Bucket(
                rows_in=table.num_rows,
                lines_sum=sum_of_ids(lines),
                rows_out=rows.height,
                file=file,
                marks=tuple(rows["line_id"].gather_every(self.mark_rows)),
                tallies=judgement.tallies,
                crashed=compiled.crashed,
                superseded=judgement.superseded,
                usage=_placed(file.with_suffix(".usage"), lambda aside: aside.write_bytes(usage)),
            )


def _written(rows: pl.DataFrame, path: Path) -> Path:
    return _placed(
        path, lambda aside: rows.write_parquet(aside, compression="zstd", row_group_size=1 << 14)
    )


def _placed(path: Path, write: Callable[[Path], object]) -> Path:
    """Write aside and rename, so that a try that is lost half way leaves no such file."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    write(aside)
    aside.replace(path)
    return path


@dataclass(frozen=True)
class Range:
    """The exceptions of some following lines: how many were read, and how many were kept."""

    file: Path
    read: int
    kept: int


@dataclass(frozen=True)
class MergeRanges:
    """Task *n* sorts the exceptions of lines from the *n*-th bound up to the next.

    Attributes:
        files: those that the buckets wrote.
        bounds: `line_id`, ascending; the last is above every line.
        crashed: rules that broke in some bucket, of which no row is kept.
    """

    work: Path
    files: tuple[Path, ...]
    bounds: tuple[int, ...]
    crashed: tuple[str, ...]

    def __call__(self, number: int) -> Range:
        """Merge one range.

        Raises:
            InternalError: two exceptions agree in all columns of `exceptions.ORDER`.
        """
        first, beyond = self.bounds[number], self.bounds[number + 1]
        with noted(self.work, f"merging range {number} of the exceptions"):
            rows = (
                pl.scan_parquet(list(self.files), glob=False, hive_partitioning=False)
                .filter(pl.col("line_id") >= first, pl.col("line_id") < beyond)
                .collect(engine="streaming")
            )
            alike = int(rows.select(exceptions.ORDER).is_duplicated().sum())
            if alike:
                raise errors.exceptions_alike(alike)
            kept = rows.filter(~pl.col("rule_id").is_in(self.crashed)).sort(
                exceptions.ORDER, nulls_last=True
            )
            file = _written(kept, self.work / f"range-{number:06d}.parquet")
            return Range(file, rows.height, kept.height)

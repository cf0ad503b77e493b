"""The driver: the steps of an audit as jobs on a cluster, each checked against the one before."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from pathlib import Path

import polars as pl

from claim_audit import errors
from claim_audit.config import AuditConfig
from claim_audit.contract import cells, judge, survey
from claim_audit.contract.survey import Survey
from claim_audit.engine import benchmarks, exceptions
from claim_audit.engine.aside import InFolder, InMemory
from claim_audit.engine.audit import Audit, audit_batch, batch_of, chosen, concluded
from claim_audit.engine.benchmarks import Usage
from claim_audit.engine.compile import Compiled, compile_rules
from claim_audit.engine.kernel import audit_lines
from claim_audit.engine.lines import Tally, added
from claim_audit.engine.spark import tables
from claim_audit.engine.spark.cluster import Cluster
from claim_audit.engine.spark.judging import Bucket, JudgeBuckets, MergeRanges
from claim_audit.engine.spark.reading import (
    Columns,
    LandPieces,
    ReadFiles,
    ReadLines,
    Rows,
    Seen,
    Stretch,
    SurveyStretches,
)
from claim_audit.ingest import Extract, Headed, Match, SourceFile, pieces
from claim_audit.ingest.pieces import Outline
from claim_audit.reference.tables import Reference
from claim_audit.rules.line import Line
from claim_audit.stages import Stages


@dataclass(frozen=True)
class Sizes:
    """How large the parts of a run are; no result depends on them.

    Attributes:
        piece_bytes: a text file larger than this is cut into pieces of it.
        stretch_records: records surveyed and typed at a time.
        bucket_lines: lines judged at a time, about.
        range_rows: exceptions sorted at a time, about; `mark_rows` of them tell how they lie.
    """

    piece_bytes: int = 128 << 20
    stretch_records: int = 1 << 18
    bucket_lines: int = 250_000
    range_rows: int = 1_000_000
    mark_rows: int = 10_000


SIZES = Sizes()
LEAST_BUCKETS = 8
USAGES_AT_A_TIME = 32


@dataclass(frozen=True)
class ReadExtract:
    """An extract in the work folder: its records in stretches, and the rows of each file."""

    extract: Extract
    stretches: tuple[Stretch, ...]
    rows: Mapping[int, Rows]


def read_extract(
    cluster: Cluster, heads: tuple[Headed, ...], skipped: tuple[str, ...]
) -> ReadExtract:
    """Read all files in tasks.

    Raises:
        ClaimAuditError, InternalError: as `ingest.read` does.
    """
    work, size = cluster.work, SIZES.piece_bytes
    found = cluster.tasks(ReadFiles(work, heads, size), len(heads))
    outlines = {at: outline for at, outline in enumerate(found) if isinstance(outline, Outline)}
    cut = [(heads[at], piece) for at, outline in outlines.items() for piece in outline.pieces]
    landed = iter(cluster.tasks(LandPieces(work, tuple(cut)), len(cut)))
    files: list[SourceFile] = []
    rejects: list[pl.DataFrame] = []
    stretches: list[Stretch] = []
    rows: dict[int, Rows] = {}
    for head, outcome in zip(heads, found, strict=True):
        if isinstance(outcome, Outline):
            parts = [next(landed) for _ in outcome.pieces]
            file, rejected = pieces.assembled(head, outcome, [part[:2] for part in parts])
            frames = [(pl.scan_parquet(path, glob=False), held) for path, _, held in parts]
        else:
            file, rejected, whole = outcome
            frames = [(file.raw, whole)]
        file.accounting.check(file.name)
        files.append(file)
        rejects.append(rejected)
        rows[file.number] = reduce(add, (held for _, held in frames))
        for raw, held in frames:
            stretches += _stretches(file.number, raw, held.records)
    return ReadExtract(Extract(tuple(files), pl.concat(rejects), skipped), tuple(stretches), rows)


def read_tables(
    cluster: Cluster, names: Sequence[str | Path], key: tuple[str, ...], match: Match
) -> ReadExtract:
    """Read tables through Spark (see `tables.read_tables`)."""
    return ReadExtract(*tables.read_tables(cluster, names, key, match, SIZES.stretch_records))


def _stretches(file: int, raw: pl.LazyFrame, records: int) -> Iterator[Stretch]:
    """At least one for each frame, that a file without records is surveyed too."""
    step = SIZES.stretch_records
    for offset in range(0, max(records, 1), step):
        yield Stretch(file, raw, offset, min(step, records - offset))


def audit_extract(
    cluster: Cluster, read: ReadExtract, reference: Reference, config: AuditConfig
) -> Audit:
    """Judge all claim lines of an extract, as `engine.local.audit_extract` does.

    Raises:
        ClaimAuditError: as that, and what the cluster cannot do.
        InternalError: as that, and where rows in and out of a step do not agree.
    """
    rules = chosen(config)
    extract, stretches = read.extract, read.stretches
    files = {file.number: file for file in extract.files}
    seen = cluster.tasks(SurveyStretches(cluster.work, files, stretches), len(stretches))
    _check_records(read, seen)
    surveys = _surveys(extract.files, stretches, seen)
    batch = batch_of(extract.files, surveys, reference, config)
    lines = pl.concat(cells.claim_lines(file, surveys[file.number]) for file in extract.files)
    judge.gate(lines)
    columns = Columns.of(batch.mapped)
    found = cluster.buckets(
        ReadLines(cluster.work, files, stretches, surveys, columns),
        columns.ddl,
        len(stretches),
        JudgeBuckets(
            work=cluster.work,
            columns=columns,
            reference=reference,
            profile=batch,
            select=config.select,
            ignore=config.ignore,
            params=config.params,
            mark_rows=SIZES.mark_rows,
        ),
        config.buckets or max(LEAST_BUCKETS, -(-batch.lines // SIZES.bucket_lines)),
    )
    buckets = [found[number] for number in sorted(found)]
    _check_lines(batch.lines, sum(part.lines_sum for part in seen), buckets)

    line = Line(reference, batch)
    compiled = compile_rules(rules, line, config.params)
    of_batch, batch_tallies, broken = audit_batch(rules, batch, config.params)
    crashed = {name: why for bucket in buckets for name, why in bucket.crashed.items()}
    compiled = compiled.without({**crashed, **broken})
    names = {file.number: file.name for file in extract.files}
    parts = pl.concat(
        [
            *_merged(cluster, buckets, tuple(sorted(crashed))),
            exceptions.table([], of_batch, rules, names, InMemory()).lazy(),
        ]
    ).select(*exceptions.SCHEMA)
    nothing = audit_lines([lines.head(0).filter], Compiled(), line, InMemory(), Stages()).usage
    return concluded(
        line,
        config,
        compiled,
        {**_tallies(buckets, crashed), **batch_tallies},
        partial(InFolder(cluster.work).whole, parts),
        benchmarks.merged([nothing, _usage(buckets)]),
        sum(bucket.superseded for bucket in buckets),
        Stages(),
    )


def _surveys(
    files: Sequence[SourceFile], stretches: Sequence[Stretch], seen: Sequence[Seen]
) -> dict[int, Survey]:
    parts: dict[int, list[Survey]] = {file.number: [] for file in files}
    for stretch, part in zip(stretches, seen, strict=True):
        parts[stretch.file].append(part.survey)
    return {number: survey.merged(found) for number, found in parts.items()}


def _check_records(read: ReadExtract, seen: Sequence[Seen]) -> None:
    """Every record that was landed is surveyed, and once."""
    found: dict[int, Rows] = {}
    for stretch, part in zip(read.stretches, seen, strict=True):
        found[stretch.file] = found.get(stretch.file, Rows(0, 0)) + part.rows
    for file in read.extract.files:
        landed, surveyed = read.rows[file.number], found[file.number]
        if landed != surveyed or landed.records != file.accounting.claim_records:
            raise errors.lines_astray(
                f"{file.name}, from reading to the survey",
                file.accounting.claim_records,
                surveyed.records,
            )


def _check_lines(lines: int, lines_sum: int, buckets: Sequence[Bucket]) -> None:
    """Every line of the survey was judged, and once: they agree in number and in sum."""
    judged = sum(bucket.rows_in for bucket in buckets)
    if judged != lines or sum(bucket.lines_sum for bucket in buckets) != lines_sum:
        raise errors.lines_astray("from the survey to the buckets", lines, judged)


def _merged(
    cluster: Cluster, buckets: Sequence[Bucket], crashed: tuple[str, ...]
) -> list[pl.LazyFrame]:
    """The exceptions of all buckets in sorted ranges, one after the other."""
    marks = sorted(mark for bucket in buckets for mark in bucket.marks)
    if not marks:
        return []
    step = max(1, SIZES.range_rows // SIZES.mark_rows)
    bounds = (*dict.fromkeys(marks[::step]), marks[-1] + (1 << 62))
    files = tuple(bucket.file for bucket in buckets if bucket.rows_out)
    ranges = cluster.tasks(MergeRanges(cluster.work, files, bounds, crashed), len(bounds) - 1)
    written = sum(bucket.rows_out for bucket in buckets)
    read = sum(part.read for part in ranges)
    if read != written:
        raise errors.lines_astray("from the buckets to the exceptions", written, read)
    return [pl.scan_parquet(part.file, glob=False) for part in ranges]


def _usage(buckets: Sequence[Bucket]) -> Usage:
    """What all buckets counted, a few of them in memory at a time."""
    whole: Usage = {}
    for start in range(0, len(buckets), USAGES_AT_A_TIME):
        some = buckets[start : start + USAGES_AT_A_TIME]
        parts = [pickle.loads(bucket.usage.read_bytes()) for bucket in some]
        whole = benchmarks.merged([whole, *parts])
    return whole


def _tallies(buckets: Sequence[Bucket], crashed: Mapping[str, str]) -> dict[str, Tally]:
    counted = added(bucket.tallies for bucket in buckets)
    return {name: counted[name] for name in sorted(counted) if name.split(":")[0] not in crashed}

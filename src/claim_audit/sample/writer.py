"""Write a sample: the claim file and the truth about it, block by block."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from claim_audit.errors import ClaimAuditError
from claim_audit.sample.blocks import BLOCK, Block, Generator
from claim_audit.sample.columns import table, text_frame
from claim_audit.sample.damage import NOTE_COLUMN, Damager, Found
from claim_audit.sample.draws import Array
from claim_audit.sample.errors.kind import Kind
from claim_audit.sample.errors.kinds import KINDS
from claim_audit.sample.layouts import LAYOUTS, LayoutName, SampleLayout

Format = Literal["csv", "parquet"]
Progress = Callable[[int], None]

TRUTH = pa.schema(
    [
        ("source_row", pa.uint32()),
        ("line_number", pa.int64()),
        ("claim_id", pa.string()),
        ("claim_line_number", pa.int32()),
        ("kind", pa.string()),
        ("rule_id", pa.string()),
        ("severity", pa.string()),
    ],
    metadata={"claim_audit.table": "truth"},
)
"""Columns of `truth.parquet`: one row per line and rule that must fire.

A rule that speaks of the batch and names no line has one row with neither `source_row` nor
`line_number`. For damage to the file `source_row` is null, `line_number` is the physical line,
and `rule_id` is `reject` or `accepted` (odd, yet a record).
"""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        lines: claim lines; damaged records are not among them.
        planted: number of errors of each kind, damage included.
    """

    claims: Path
    truth: Path
    lines: int
    planted: Mapping[str, int] = field(default_factory=dict)


def write(
    out: Path,
    *,
    lines: int,
    seed: int,
    format: Format,
    error_rate: float = 0.03,
    kinds: Sequence[str] | None = None,
    layout: LayoutName = "canonical",
    dirty: bool = False,
    on_progress: Progress | None = None,
    block: int = BLOCK,
) -> Written:
    """Write a made-up claim extract and the truth about it into a folder.

    Args:
        out: the folder; it is made if need be. `claims.csv` or `claims.parquet` and
            `truth.parquet` in it are replaced once both are complete.
        lines: claim lines to write, exactly.
        seed: the same seed and options give the same files.
        error_rate: planted errors per line. A member holds at most one, which bounds the rate
            at about one in eleven.
        kinds: names of kinds of errors to choose from (`KINDS`); all when None.
        dirty: damage a canonical CSV file too: records with too few and too many fields, a
            stray quote, bytes that are no text, blank lines, a cut-off end.
        on_progress: called now and then with the lines written so far.
        block: members generated at a time; it changes nothing in the files.

    Returns:
        What was written. `Written.planted` counts the errors.

    Raises:
        ClaimAuditError: an option is wrong, or kinds do not fit the format or layout.
    """
    shape = LAYOUTS[layout]
    chosen = _choose(kinds, shape, format, dirty)
    if lines < 1:
        raise _wrong("lines", "at least 1")
    if not 0 <= error_rate <= 1:
        raise _wrong("error_rate", "a number from 0 to 1")
    if layout != "canonical" and format != "csv":
        raise _wrong("format", "csv, the only form of this layout")
    if dirty and (layout != "canonical" or format != "csv"):
        raise _wrong("dirty", "a CSV file in the canonical layout")
    out.mkdir(parents=True, exist_ok=True)
    generator = Generator(shape, seed, chosen, error_rate, block)
    planted: Counter[str] = Counter()
    claims_path, truth_path = out / f"claims.{format}", out / "truth.parquet"
    with (
        _aside(truth_path) as truth_aside,
        _aside(claims_path) as claims_aside,
        pq.ParquetWriter(truth_aside, TRUTH, compression="zstd") as truth,
        _sink(claims_aside, shape, format, lines if dirty else None) as sink,
        ThreadPoolExecutor(1) as worker,
    ):
        pending: Future[None] = worker.submit(lambda: None)
        done = 0
        for part in generator.blocks(lines):
            pending.result()
            pending = worker.submit(_write_block, part, done, sink, truth)
            planted.update(part.planted)
            done += len(part)
            if on_progress:
                on_progress(done)
        pending.result()
        damage = sink.finish()
        truth.write_table(_batch_rows([kind for kind in chosen if planted[kind.name]]))
        truth.write_table(_damage_rows(damage))
        planted.update(found.name for found in damage)
    return Written(claims_path, truth_path, lines, dict(sorted(planted.items())))


def available(layout: LayoutName, format: Format, *, dirty: bool = False) -> tuple[str, ...]:
    """Names of the kinds of errors that a layout and format can show."""
    return tuple(kind.name for kind in _choose(None, LAYOUTS[layout], format, dirty))


def _choose(
    names: Sequence[str] | None, layout: SampleLayout, form: Format, dirty: bool
) -> tuple[Kind, ...]:
    fitting = {
        name: kind
        for name, kind in KINDS.items()
        if layout.fields.issuperset(kind.needs)
        and not (kind.text and form == "parquet")
        and not (kind.alike and dirty)
    }
    if names is None:
        return tuple(fitting.values())
    for name in names:
        if name not in KINDS:
            raise _wrong("kinds", f"names out of {', '.join(KINDS)}")
        if name not in fitting:
            raise _wrong("kinds", f"kinds that this layout, format and damage can show, not {name}")
    return tuple(kind for name, kind in fitting.items() if name in names)


def _wrong(option: str, expected: str) -> ClaimAuditError:
    return ClaimAuditError(f"{option} cannot be used", where="sample", expected=expected)


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A path to write to; its file takes the place of `path` when all went well."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class _Sink(Protocol):
    """A claim file that is being written."""

    def __enter__(self) -> _Sink: ...

    def __exit__(self, *error: object) -> None: ...

    def write(self, block: Block, done: int) -> Array:
        """Write a block behind so many lines; returns the record numbers of its lines."""
        ...

    def finish(self) -> list[Found]:
        """End the file; returns the damage done to it."""
        ...


def _write_block(block: Block, done: int, sink: _Sink, truth: pq.ParquetWriter) -> None:
    rows = sink.write(block, done)
    if block.expected:
        truth.write_table(_truth_rows(block, rows))


def _sink(path: Path, layout: SampleLayout, form: Format, damaged: int | None) -> _Sink:
    return _ParquetSink(path) if form == "parquet" else _CsvSink(path, layout, damaged)


class _ParquetSink:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def __enter__(self) -> _ParquetSink:
        return self

    def __exit__(self, *error: object) -> None:
        if self.writer:
            self.writer.close()

    def write(self, block: Block, done: int) -> Array:
        rows = table(block.columns)
        if self.writer is None:
            self.writer = pq.ParquetWriter(
                self.path,
                rows.schema,
                compression="zstd",
                store_schema=False,
                store_decimal_as_integer=True,
            )
        self.writer.write_table(rows, row_group_size=len(rows))
        return np.arange(done + 1, done + 1 + len(rows))

    def finish(self) -> list[Found]:
        return []


class _CsvSink:
    def __init__(self, path: Path, layout: SampleLayout, damaged: int | None) -> None:
        self.path = path
        self.layout = layout
        self.damager = None if damaged is None else Damager(damaged)
        self.damage: list[Found] = []
        self.last = b""
        self.file: BinaryIO

    def __enter__(self) -> _CsvSink:
        self.file = self.path.open("wb")
        headers = [header for header, _ in self.layout.columns]
        if self.damager:
            headers.append(NOTE_COLUMN)
        self.file.write(self.layout.delimiter.join(headers).encode() + b"\n")
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def write(self, block: Block, done: int) -> Array:
        frame = text_frame(block.columns)
        good = np.arange(done, done + len(block))
        if self.damager is None:
            frame.write_csv(self.file, include_header=False, separator=self.layout.delimiter)
            return good + 1
        text = BytesIO()
        frame.with_columns(pl.lit(None, pl.String).alias(NOTE_COLUMN)).write_csv(
            text, include_header=False
        )
        self.last = text.getvalue().rstrip(b"\n").rpartition(b"\n")[2]
        damaged, found = self.damager.damage(text.getvalue(), done)
        self.file.write(damaged)
        self.damage += found
        return self.damager.source_rows(good)

    def finish(self) -> list[Found]:
        if self.damager is None:
            return []
        text, found = self.damager.ending(self.last)
        self.file.write(text)
        return [*self.damage, *found]


def _truth_rows(block: Block, rows: Array) -> pa.Table:
    columns = block.columns
    number = columns.column("claim_line_number").arrow()
    parts = [
        pa.table(
            {
                "source_row": pa.array(rows[each.at], pa.uint32()),
                "line_number": pa.nulls(len(each.at), pa.int64()),
                "claim_id": columns.claim_id.take(pa.array(each.at)),
                "claim_line_number": number.take(pa.array(each.at)),
                "kind": pa.array([each.kind] * len(each.at), pa.string()),
                "rule_id": pa.array([each.rule] * len(each.at), pa.string()),
                "severity": pa.array([each.severity] * len(each.at), pa.string()),
            }
        )
        for each in block.expected
    ]
    found = pa.concat_tables(parts).sort_by([("source_row", "ascending"), ("rule_id", "ascending")])
    return found.replace_schema_metadata(TRUTH.metadata)


def _batch_rows(planted: list[Kind]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"kind": kind.name, "rule_id": raised.rule, "severity": raised.severity}
            for kind in planted
            for raised in kind.raises
            if raised.on == "batch"
        ],
        schema=TRUTH,
    )


def _damage_rows(damage: list[Found]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"line_number": each.line_number, "kind": each.name, "rule_id": each.verdict}
            for each in sorted(damage, key=lambda each: each.line_number)
        ],
        schema=TRUTH,
    )

"""Delimited text to one Parquet file, every cell as the text it was.

The structure pass decides what a record is; pyarrow turns the good ones into columns and never
sees another. Everything after this reads the Parquet file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from claim_audit import errors
from claim_audit.ingest.accounting import Accounting
from claim_audit.ingest.probe import ROW_COLUMN, Dialect, survey, transcoder
from claim_audit.ingest.records import (
    REJECTS,
    EncodingInDoubtError,
    LineCount,
    Part,
    rejects_frame,
    scan,
)
from claim_audit.ingest.sources import BLOCK_BYTES, Progress, Source, StoredBytes

PARTS_IN_FLIGHT: Final = 2
DICTIONARY_BYTES: Final = 256 << 10
"""Dictionaries pay for payers, codes and dates; for columns of ever new values this ends them soon.
Compression halves the file again and makes writing it half as slow again."""
_PARSER_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Landed:
    """A text file as a frame: ``source_row`` UInt32, then a String column a header.

    An empty cell is null; a cell of blanks stays as it is.
    """

    raw: pl.LazyFrame
    schema: dict[str, pl.DataType]
    accounting: Accounting
    rejects: pl.DataFrame
    bytes: int
    sha256: str
    encoding: str


def land(
    source: Source, dialect: Dialect, work: Path, on_progress: Progress | None = None
) -> Landed:
    """Take every record of a text file to ``work``, or to the rejects.

    Raises ``line_too_long``, ``work_not_writable``, what reading the stored bytes raises, and
    ``parser_disagrees`` when pyarrow does not find the records that the structure pass counted.
    """
    try:
        return _land(source, dialect, work, on_progress)
    except EncodingInDoubtError:
        settled = replace(dialect, encoding=survey(source), settled=True)
        return _land(source, settled, work, on_progress)


def _land(source: Source, dialect: Dialect, work: Path, on_progress: Progress | None) -> Landed:
    counted = LineCount()
    path = work / f"{source.number:05d}.parquet"
    with StoredBytes(source) as stored:
        parts = scan(_text(stored, dialect, counted, on_progress), dialect, source.name)
        found = write_parts(parts, path, dialect, source.name)
    return Landed(
        raw=pl.scan_parquet(path, glob=False, hive_partitioning=False),
        schema={name: pl.String() for name in dialect.header},
        accounting=Accounting(
            physical_lines=counted.lines,
            header_lines=dialect.header_lines,
            blank_lines=dialect.blank_lines + found.blank_lines,
            embedded_newlines=found.embedded_newlines,
            records=found.records,
            claim_records=found.claim_records,
            rejects=found.rejects.height,
        ),
        rejects=found.rejects,
        bytes=stored.stored,
        sha256=stored.sha256(),
        encoding=dialect.encoding,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What the parts of a text were found to hold, and the rows that a Parquet file took."""

    lines: int
    blank_lines: int
    embedded_newlines: int
    records: int
    claim_records: int
    rejects: pl.DataFrame


def write_parts(parts: Iterable[Part], path: Path, dialect: Dialect, name: str) -> Written:
    """Write the good records of the parts of a text to one Parquet file.

    Raises ``work_not_writable`` and ``parser_disagrees``.
    """
    pending: deque[Future[None]] = deque()
    rejects = [REJECTS.to_frame()]
    lines, blank_lines, embedded_newlines, records = 0, 0, 0, 0
    with (
        _Landing(path, dialect, name) as landing,
        ThreadPoolExecutor(1, thread_name_prefix="write") as writer,
        ThreadPoolExecutor(1, thread_name_prefix="parse") as parser,
    ):
        for part in parts:
            lines += part.lines
            blank_lines += part.blank_lines
            embedded_newlines += part.embedded_newlines
            records += part.records
            rejects.append(rejects_frame(part.rejects, name, len(dialect.header)))
            if len(part.rows):
                parsed = parser.submit(landing.parse, part)
                pending.append(writer.submit(landing.write, parsed))
            if len(pending) > PARTS_IN_FLIGHT:
                pending.popleft().result()
        for written in pending:
            written.result()
    return Written(
        lines,
        blank_lines,
        embedded_newlines,
        records,
        pq.read_metadata(path).num_rows,
        pl.concat(rejects),
    )


def _text(
    stored: StoredBytes, dialect: Dialect, counted: LineCount, on_progress: Progress | None
) -> Iterator[bytes]:
    transcode = transcoder(stored.source, dialect.encoding)
    final = False
    while not final:
        block = stored.read(BLOCK_BYTES)
        final = not block
        text = transcode(block, final)
        if dialect.line_end == b"\r":
            text = text.replace(b"\r", b"\n")
        if text:
            counted.add(text)
            yield text
        if on_progress:
            on_progress(stored.source.name, stored.stored, stored.size)


class _Landing:
    """The Parquet file that grows part by part; it is gone again if the work is not finished."""

    def __init__(self, path: Path, dialect: Dialect, name: str) -> None:
        self.path = path
        self._name = name
        self._header = list(dialect.header)
        self._parse = pacsv.ParseOptions(
            delimiter=dialect.delimiter, quote_char=dialect.quote or False
        )
        self._convert = pacsv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(dialect.header, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )

    def __enter__(self) -> _Landing:
        schema = pa.schema(
            [(ROW_COLUMN, pa.uint32()), *((name, pa.string()) for name in self._header)]
        )
        try:
            self.path.touch(mode=0o600)
            self._writer = pq.ParquetWriter(
                self.path,
                schema,
                compression="none",
                use_dictionary=self._header,
                dictionary_pagesize_limit=DICTIONARY_BYTES,
                write_statistics=False,
            )
        except OSError as error:
            raise self._refused(error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._writer.close()
        except OSError as error:
            self.path.unlink(missing_ok=True)
            if kind is None:
                raise self._refused(error) from error
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def parse(self, part: Part) -> pa.Table:
        """The good records of a part as text columns."""
        self._parse.newlines_in_values = part.breaks_in_cells
        read = pacsv.ReadOptions(
            column_names=self._header, block_size=max(_PARSER_BLOCK, 2 * part.longest_record)
        )
        try:
            table = pacsv.read_csv(
                pa.BufferReader(pa.py_buffer(part.text)),
                read_options=read,
                parse_options=self._parse,
                convert_options=self._convert,
            )
        except pa.ArrowInvalid:  # its message quotes the record
            raise errors.parser_disagrees(
                self._name, part.first_line, len(part.rows), "malformed"
            ) from None
        if table.num_rows != len(part.rows):
            raise errors.parser_disagrees(
                self._name, part.first_line, len(part.rows), str(table.num_rows)
            )
        return table.add_column(0, ROW_COLUMN, pa.array(part.rows))

    def write(self, parsed: Future[pa.Table]) -> None:
        """Append a parsed part."""
        table = parsed.result()
        try:
            self._writer.write_table(table)
        except OSError as error:
            raise self._refused(error) from error

    def _refused(self, error: OSError) -> errors.ClaimAuditError:
        return errors.work_not_writable(str(self.path.parent), error.strerror or "no room")

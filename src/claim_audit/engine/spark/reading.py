"""Tasks that read: files through ingest to Parquet in the work folder, then claim lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa

from claim_audit.contract import cells
from claim_audit.contract.claim_line import DTYPES, FIELDS
from claim_audit.contract.mapping import mapped_lines, record_number
from claim_audit.contract.survey import Survey, survey
from claim_audit.engine.spark.attempts import noted
from claim_audit.ingest import Headed, SourceFile, pieces, read_through
from claim_audit.ingest.delimited import Written
from claim_audit.ingest.pieces import Outline, Piece
from claim_audit.ingest.probe import Dialect

BATCH_ROWS = 1 << 15
KEY = "member_key"
"""Lines with one key are judged together: the member, else the claim (see `engine.facts`)."""


@dataclass(frozen=True)
class Rows:
    """How many records there are, and the sum of their numbers: none is lost or doubled unseen."""

    records: int
    numbers_sum: int

    @classmethod
    def of(cls, raw: pl.LazyFrame) -> Rows:
        """The rows of a raw frame."""
        row = pl.col("source_row").cast(pl.Int128)
        counts = raw.select(pl.len(), row.sum().alias("sum")).collect(engine="streaming")
        return cls(*map(int, counts.row(0)))

    def __add__(self, other: Rows) -> Rows:
        """The rows of two parts."""
        return Rows(self.records + other.records, self.numbers_sum + other.numbers_sum)


@dataclass(frozen=True)
class ReadFiles:
    """Task *n* reads the *n*-th file through, or finds the pieces of a large one."""

    work: Path
    heads: tuple[Headed, ...]
    piece_bytes: int

    def __call__(self, number: int) -> tuple[SourceFile, pl.DataFrame, Rows] | Outline:
        """The file, its rejects and its rows, or its outline."""
        head = self.heads[number]
        with noted(self.work, f"reading {head.source.name}"):
            if isinstance(head.content, Dialect) and pieces.can_be_cut(head, self.piece_bytes):
                outlined = pieces.outline(head.source, head.content, self.piece_bytes)
                if outlined:
                    return outlined
            file, rejects = read_through(head, self.work)
            return file, rejects, Rows.of(file.raw)


@dataclass(frozen=True)
class LandPieces:
    """Task *n* takes the *n*-th piece of a large file to a Parquet file of its own."""

    work: Path
    pieces: tuple[tuple[Headed, Piece], ...]

    def __call__(self, number: int) -> tuple[Path, Written, Rows]:
        """The Parquet file, what the piece was found to hold, and its rows."""
        head, piece = self.pieces[number]
        source = head.source
        assert isinstance(head.content, Dialect)
        with noted(self.work, f"reading piece {piece.number} of {source.name}"):
            path = self.work / f"{source.number:05d}-{piece.number:06d}.parquet"
            written = pieces.land(source, head.content, piece, path)
            return path, written, Rows.of(pl.scan_parquet(path, glob=False))


@dataclass(frozen=True)
class Stretch:
    """Some records of a file, as its raw frame holds them."""

    file: int
    raw: pl.LazyFrame
    offset: int
    records: int


@dataclass(frozen=True)
class _OfStretches:
    work: Path
    files: Mapping[int, SourceFile]
    stretches: Sequence[Stretch]

    def file(self, number: int) -> SourceFile:
        """The file of a stretch, with the records of the stretch alone."""
        stretch = self.stretches[number]
        raw = stretch.raw.slice(stretch.offset, stretch.records)
        return replace(self.files[stretch.file], raw=raw)


@dataclass(frozen=True)
class Seen:
    """A stretch's rows, its survey, and the sum of the `line_id` of its lines."""

    rows: Rows
    survey: Survey
    lines_sum: int


@dataclass(frozen=True)
class SurveyStretches(_OfStretches):
    """Task *n* surveys the *n*-th stretch."""

    def __call__(self, number: int) -> Seen:
        """What stands in the stretch."""
        file = self.file(number)
        with noted(self.work, f"surveying stretch {number} of {file.name}"):
            lines = mapped_lines(file)
            return Seen(Rows.of(file.raw), survey(lines), sum_of_ids(lines))


def sum_of_ids(lines: pl.LazyFrame) -> int:
    """The sum of the `line_id` of lines: no line can take the place of another unseen."""
    total = lines.select(pl.col("line_id").cast(pl.Int128).sum()).collect(engine="streaming")
    return int(total.item())


@dataclass(frozen=True)
class ReadLines(_OfStretches):
    """Task *n* yields the claim lines of the *n*-th stretch in record batches of `columns`."""

    surveys: Mapping[int, Survey]
    columns: Columns

    def __call__(self, number: int) -> Iterator[pa.RecordBatch]:
        """The lines."""
        file = self.file(number)
        with noted(self.work, f"typing stretch {number} of {file.name}"):
            lines = cells.claim_lines(file, self.surveys[file.number])
            table = self.columns.sent(lines).collect(engine="streaming").to_arrow()
        yield from table.cast(self.columns.arrow).to_batches(max_chunksize=BATCH_ROWS)


@dataclass(frozen=True)
class Columns:
    """The columns of claim lines that go through the shuffle: those that some file fills.

    `line_id` goes as a signed integer, in front of it the key of the member.
    """

    names: tuple[str, ...]

    @classmethod
    def of(cls, mapped: frozenset[str]) -> Columns:
        """The fields that a file maps, with the original text beside them."""
        fields = [name for name in FIELDS if name in mapped]
        raw = [f"{name}__raw" for name in cells.KEEP_RAW if name in mapped]
        return cls((*fields, *raw))

    @cached_property
    def ddl(self) -> str:
        """The columns as Spark spells them."""
        spelled = [f"`{name}` {_SPELLED[_dtype(name)]}" for name in self.names]
        return ", ".join([f"{KEY} STRING", "line_id BIGINT", *spelled])

    @cached_property
    def arrow(self) -> pa.Schema:
        """The columns as Arrow has them."""
        fields = [pa.field(name, _ARROW[_dtype(name)]) for name in self.names]
        return pa.schema([(KEY, pa.string()), ("line_id", pa.int64()), *fields])

    def sent(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """Claim lines as they go."""
        claim = pl.concat_str(pl.lit("claim:"), "claim_id")
        return lines.select(
            pl.coalesce("member_id", "person_id", claim).alias(KEY),
            pl.col("line_id").cast(pl.Int64),
            *self.names,
        )

    def received(self, table: pa.Table) -> pl.DataFrame:
        """Claim lines as they were (see `contract.cells.claim_lines`), sorted by `line_id`."""
        frame = pl.DataFrame(pl.from_arrow(table)).sort("line_id")
        line_id = pl.col("line_id").cast(pl.UInt64)
        every = [*FIELDS, *(f"{name}__raw" for name in cells.KEEP_RAW)]
        return frame.select(
            record_number(line_id).alias("source_row"),
            line_id,
            *(
                pl.col(name) if name in self.names else pl.lit(None, _dtype(name)).alias(name)
                for name in every
            ),
        )


def _dtype(name: str) -> pl.DataType:
    return FIELDS[name].dtype if name in FIELDS else pl.String()


_SPELLED: Mapping[pl.DataType, str] = {
    DTYPES["text"]: "STRING",
    DTYPES["date"]: "DATE",
    DTYPES["money"]: "DECIMAL(16,2)",
    DTYPES["quantity"]: "DECIMAL(16,4)",
    DTYPES["integer"]: "INT",
}
_ARROW: Mapping[pl.DataType, pa.DataType] = {
    DTYPES["text"]: pa.string(),
    DTYPES["date"]: pa.date32(),
    DTYPES["money"]: pa.decimal128(16, 2),
    DTYPES["quantity"]: pa.decimal128(16, 4),
    DTYPES["integer"]: pa.int32(),
}

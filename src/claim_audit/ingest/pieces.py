"""A large text file in pieces that are read apart, each from a record's beginning to another's end.

Where a record ends only the structure pass can say, so it goes over the whole file first, with
the hash; what costs more, parsing and writing, is then done piece by piece, anywhere. A piece is
scanned once more by itself, and must come to the same records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from claim_audit import errors
from claim_audit.ingest import Headed, SourceFile
from claim_audit.ingest.accounting import Accounting
from claim_audit.ingest.delimited import Written, write_parts
from claim_audit.ingest.probe import Dialect, survey
from claim_audit.ingest.records import (
    EncodingInDoubtError,
    LineCount,
    Place,
    first_record,
    scan,
)
from claim_audit.ingest.sources import BLOCK_BYTES, Source, StoredBytes


@dataclass(frozen=True, slots=True)
class Piece:
    """The records between two places of a file; ``number`` counts the file's pieces from 1."""

    number: int
    begin: Place
    end: Place


@dataclass(frozen=True, slots=True)
class Outline:
    """What the structure pass found in a file: its pieces in order, and the counts of all of it."""

    pieces: tuple[Piece, ...]
    physical_lines: int
    blank_lines: int
    embedded_newlines: int
    records: int
    rejects: int
    bytes: int
    sha256: str


def can_be_cut(head: Headed, piece_bytes: int) -> bool:
    """Whether a file is larger than a piece and its text is at the offsets of its bytes."""
    return (
        isinstance(head.content, Dialect)
        and head.compression is None
        and head.content.encoding == "utf-8"
        and head.source.path.stat().st_size > piece_bytes
    )


def outline(source: Source, dialect: Dialect, piece_bytes: int) -> Outline | None:
    """Cut a file that :func:`can_be_cut` at record boundaries about every ``piece_bytes``.

    Returns:
        None when the file turns out to be cp1252.

    Raises ``line_too_long`` and what reading stored bytes raises.
    """
    try:
        return _outline(source, dialect, piece_bytes)
    except EncodingInDoubtError:
        if survey(source) != "utf-8":
            return None
        return _outline(source, replace(dialect, settled=True), piece_bytes)


def _outline(source: Source, dialect: Dialect, piece_bytes: int) -> Outline:
    counted = LineCount()
    at = begin = first_record(dialect)
    pieces: list[Piece] = []
    blank_lines, embedded_newlines, rejects = dialect.blank_lines, 0, 0
    with StoredBytes(source) as stored:
        text = _counted(stored, dialect, counted, min(BLOCK_BYTES, piece_bytes))
        for part in scan(text, dialect, source.name):
            at = Place(at.offset + part.size, at.line + part.lines, at.row + part.records)
            blank_lines += part.blank_lines
            embedded_newlines += part.embedded_newlines
            rejects += len(part.rejects)
            if at.offset - begin.offset >= piece_bytes:
                pieces.append(Piece(len(pieces) + 1, begin, at))
                begin = at
    if at.offset > begin.offset or not pieces:
        pieces.append(Piece(len(pieces) + 1, begin, at))
    return Outline(
        pieces=tuple(pieces),
        physical_lines=counted.lines,
        blank_lines=blank_lines,
        embedded_newlines=embedded_newlines,
        records=at.row - 1,
        rejects=rejects,
        bytes=stored.stored,
        sha256=stored.sha256(),
    )


def _counted(
    stored: StoredBytes, dialect: Dialect, counted: LineCount, size: int
) -> Iterator[bytes]:
    for block in stored.blocks(size):
        text = block.replace(b"\r", b"\n") if dialect.line_end == b"\r" else block
        counted.add(text)
        yield text


def land(source: Source, dialect: Dialect, piece: Piece, path: Path) -> Written:
    """Take the records of a piece to the Parquet file ``path``, or to the rejects.

    Raises ``unreadable_file``, ``work_not_writable``, ``parser_disagrees``, and
    ``identity_broken`` when the piece does not hold the records that the outline counted.
    """
    settled = replace(dialect, settled=True)
    parts = scan(_between(source, dialect, piece), settled, source.name, piece.begin)
    written = write_parts(parts, path, settled, source.name)
    records = piece.end.row - piece.begin.row
    lines = piece.end.line - piece.begin.line
    if (written.records, written.lines) != (records, lines):
        raise errors.identity_broken(
            source.name,
            f"{records} records on {lines} lines",
            f"{written.records} records on {written.lines} lines when piece {piece.number} of "
            "the file was read by itself",
        )
    return written


def _between(source: Source, dialect: Dialect, piece: Piece) -> Iterator[bytes]:
    left = piece.end.offset - piece.begin.offset
    try:
        with source.path.open("rb") as file:
            file.seek(piece.begin.offset)
            while block := file.read(min(BLOCK_BYTES, left)):
                left -= len(block)
                yield block.replace(b"\r", b"\n") if dialect.line_end == b"\r" else block
    except OSError as error:
        raise errors.unreadable_file(source.name, error.strerror or "unreadable") from error


def assembled(
    head: Headed, outlined: Outline, landed: list[tuple[Path, Written]]
) -> tuple[SourceFile, pl.DataFrame]:
    """The file of which all pieces were landed, in order, and its rejects."""
    assert isinstance(head.content, Dialect)
    written = [part for _, part in landed]
    return SourceFile(
        number=head.source.number,
        path=head.source.path,
        name=head.source.name,
        format=head.format,
        compression=None,
        bytes=outlined.bytes,
        sha256=outlined.sha256,
        encoding=head.content.encoding,
        delimiter=head.content.delimiter,
        header=head.content.header,
        match=head.match,
        accounting=Accounting(
            physical_lines=outlined.physical_lines,
            header_lines=head.content.header_lines,
            blank_lines=outlined.blank_lines,
            embedded_newlines=outlined.embedded_newlines,
            records=outlined.records,
            claim_records=sum(part.claim_records for part in written),
            rejects=sum(part.rejects.height for part in written),
        ),
        raw=pl.scan_parquet([path for path, _ in landed], glob=False, hive_partitioning=False),
        schema={name: pl.String() for name in head.content.header},
    ), pl.concat([part.rejects for part in written])

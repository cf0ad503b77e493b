"""From files to raw frames: every record of every file is there, or among the rejects.

Nothing here knows what a claim is. A raw frame has the file's own columns, as text or in the
types of a Parquet file, and ``source_row``: the 1-based number of the record in its file, header
and blank lines not counted, rejects counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from claim_audit import errors
from claim_audit.ingest import delimited, parquet
from claim_audit.ingest.accounting import Accounting
from claim_audit.ingest.probe import Dialect, examine
from claim_audit.ingest.records import REJECTS
from claim_audit.ingest.sources import (
    Compression,
    Format,
    Progress,
    Source,
    discover,
    fingerprint,
    sniff,
)

if TYPE_CHECKING:
    from claim_audit.ingest.layout_match import LayoutMatch

__all__ = [
    "REJECTS",
    "Accounting",
    "Extract",
    "Headed",
    "Match",
    "Progress",
    "SourceFile",
    "heads",
    "read",
    "read_through",
]

Match = Callable[[str, tuple[str, ...]], "LayoutMatch"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the extract, read.

    ``raw`` holds ``source_row`` UInt32 and the columns of ``header``; ``schema`` gives their
    types. ``encoding`` and ``delimiter`` are null for Parquet. ``notes`` say what of the file is
    not read.
    """

    number: int
    path: Path
    name: str
    format: Format
    compression: Compression | None
    bytes: int
    sha256: str
    encoding: str | None
    delimiter: str | None
    header: tuple[str, ...]
    match: LayoutMatch
    accounting: Accounting
    raw: pl.LazyFrame
    schema: dict[str, pl.DataType]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extract:
    """All the files of a run, their rejects (:data:`REJECTS`), and what was not read, with why."""

    files: tuple[SourceFile, ...]
    rejects: pl.DataFrame
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headed:
    """A file whose header is known and has met its layout."""

    source: Source
    format: Format
    compression: Compression | None
    content: Dialect | parquet.Opened
    match: LayoutMatch


def read(
    inputs: Sequence[str | Path],
    *,
    work: Path,
    match: Match,
    delimiter: str | None = None,
    quote: str | None = None,
    encoding: str | None = None,
    on_progress: Progress | None = None,
) -> Extract:
    """Read files, folders and globs as one extract.

    Every file's header is put to ``match`` before any file is read through. What is declared here
    wins over what is probed; a matched layout's own quote and encoding win over what is probed
    where the header still reads the same with them. ``work`` must exist and outlive the frames.

    Raises :class:`~claim_audit.errors.ClaimAuditError` for what the user can mend, and
    :class:`~claim_audit.errors.InternalError` when a record is unaccounted for.
    """
    headed, skipped = heads(
        inputs, work=work, match=match, delimiter=delimiter, quote=quote, encoding=encoding
    )
    done = [read_through(head, work, on_progress) for head in headed]
    for file, _ in done:
        file.accounting.check(file.name)
    return Extract(
        files=tuple(file for file, _ in done),
        rejects=pl.concat([rejects for _, rejects in done]),
        skipped=skipped,
    )


def heads(
    inputs: Sequence[str | Path],
    *,
    work: Path,
    match: Match,
    delimiter: str | None = None,
    quote: str | None = None,
    encoding: str | None = None,
) -> tuple[tuple[Headed, ...], tuple[str, ...]]:
    """The files of an extract with their headers met by layouts, and what is not read, with why.

    Arguments and errors are those of :func:`read`, before any file is read through.
    """
    found = discover(inputs)
    declared = {"delimiter": delimiter, "quote": quote, "encoding": encoding}
    return tuple(_head(source, work, match, declared) for source in found.sources), found.skipped


def _head(source: Source, work: Path, match: Match, declared: Mapping[str, str | None]) -> Headed:
    format, compression = sniff(source)
    if format == "parquet":
        opened = parquet.open(source, work)
        return Headed(source, format, compression, opened, match(source.name, opened.header))
    dialect = examine(source, **declared)
    matched = match(source.name, dialect.header)
    layout = matched.layout
    told = {
        "delimiter": dialect.delimiter,
        "quote": layout.quote if declared["quote"] is None else declared["quote"],
        "encoding": declared["encoding"] or layout.encoding,
    }
    retold = examine(source, **told)
    if matched.headers() <= set(retold.header):
        dialect, matched = retold, match(source.name, retold.header)
    for column in sorted(matched.headers().intersection(dialect.ambiguous)):
        raise errors.column_ambiguous(source.name, column)
    return Headed(source, format, compression, dialect, matched)


def read_through(
    head: Headed, work: Path, on_progress: Progress | None = None
) -> tuple[SourceFile, pl.DataFrame]:
    """One file, and its rejects (:data:`REJECTS`)."""
    source, content = head.source, head.content
    if isinstance(content, parquet.Opened):
        size, sha256 = fingerprint(source, on_progress)
        accounting, rejects = content.accounting(), REJECTS.to_frame()
        raw, schema, notes = content.raw, content.schema, content.notes
        encoding, delimiter = None, None
    else:
        landed = delimited.land(source, content, work, on_progress)
        size, sha256 = landed.bytes, landed.sha256
        accounting, rejects = landed.accounting, landed.rejects
        raw, schema, notes = landed.raw, landed.schema, ()
        encoding, delimiter = landed.encoding, content.delimiter
    return SourceFile(
        number=source.number,
        path=source.path,
        name=source.name,
        format=head.format,
        compression=head.compression,
        bytes=size,
        sha256=sha256,
        encoding=encoding,
        delimiter=delimiter,
        header=content.header,
        match=head.match,
        accounting=accounting,
        raw=raw,
        schema=schema,
        notes=notes,
    ), rejects

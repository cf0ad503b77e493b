"""Stretches: the records of an extract in pieces that memory holds with ease.

A stretch is some following records of one or several files. Their lines are typed and judged one
by one stretch after the other; what needs all lines of a member is put aside meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from claim_audit.contract import survey
from claim_audit.contract.cells import Reader
from claim_audit.contract.mapping import mapped_lines, read_columns
from claim_audit.contract.survey import Survey
from claim_audit.ingest import SourceFile

MOST_LINES, FEWEST_LINES = 1 << 20, 1 << 16
"""Lines of a stretch: more do not make an audit faster, fewer make it slower."""
OWN_BYTES = 320 << 20
"""What a run takes for itself, measured: the libraries, reference, plans and texts."""
CELL_BYTES = 32
"""What a run takes for each cell of a stretch, measured: read, typed, judged and compared."""


@dataclass(frozen=True)
class Stretch:
    """Files with no more than the records of the stretch in their raw frames."""

    files: tuple[SourceFile, ...]

    def held(self) -> Stretch:
        """The stretch in memory, the columns that are read of it."""
        return Stretch(tuple(replace(file, raw=_held(file)) for file in self.files))

    def lines(self, readers: Mapping[int, Reader], wanted: pl.Expr) -> pl.LazyFrame:
        """The claim lines (see `contract.cells.Reader.lines`) of the records that are wanted.

        Args:
            readers: of whole files, by their numbers.
            wanted: a condition on `source_row`, held against a record before it is typed.
        """
        return pl.concat(
            readers[file.number].lines(replace(file, raw=file.raw.filter(wanted)))
            for file in self.files
        )


def _held(file: SourceFile) -> pl.LazyFrame:
    return file.raw.select(sorted(read_columns(file.match))).collect(engine="streaming").lazy()


def cut(files: Sequence[SourceFile], memory: int) -> list[Stretch]:
    """All records of `files` in their order, in stretches for `memory` bytes; at least one."""
    columns = max(len(read_columns(file.match)) for file in files)
    fitting = (memory - OWN_BYTES) // (CELL_BYTES * columns)
    most = max(FEWEST_LINES, min(MOST_LINES, fitting))
    found: list[Stretch] = []
    some: list[SourceFile] = []
    lines = 0
    for piece, size in _pieces(files, most):
        if some and lines + size > most:
            found.append(Stretch(tuple(some)))
            some, lines = [], 0
        some.append(piece)
        lines += size
    return [*found, Stretch(tuple(some))]


def _pieces(files: Sequence[SourceFile], most: int) -> Iterator[tuple[SourceFile, int]]:
    """Each file in pieces of one size, with the lines that a piece has at most."""
    for file in files:
        records, lines_each = file.accounting.claim_records, max(1, len(file.match.repeat))
        pieces = max(1, -(-records * lines_each // most))
        size = -(-records // pieces)
        if pieces == 1:
            yield file, size * lines_each
            continue
        for offset in range(0, records, size):
            yield replace(file, raw=file.raw.slice(offset, size)), size * lines_each


def surveyed(stretches: Sequence[Stretch]) -> dict[int, Survey]:
    """The surveys of whole files, by file number."""
    parts: dict[int, list[Survey]] = {}
    for stretch in stretches:
        for file in stretch.files:
            parts.setdefault(file.number, []).append(survey.survey(mapped_lines(file)))
    return {number: survey.merged(found) for number, found in parts.items()}

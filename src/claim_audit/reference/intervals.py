"""Dated tables: which row was in force on a day, and what it means when there is none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import polars as pl

from claim_audit import errors
from claim_audit.lookup import Numbered, gathered, row_of
from claim_audit.reference.shape import PLACE, Column, TableSpec, require

Origin = Literal["package", "user", "package and user"]


@dataclass(frozen=True)
class IntervalTable:
    """Entries with the days on which they hold.

    `frame` has the columns of the table's spec, typed, sorted by key and start. Per key the
    intervals `[start, end]` (both days inside, null = open) do not overlap. `sha256` is taken over
    the content alone: the order of rows and columns and the file format do not change it.
    `complete` and `scope` say where absence means that there is no such thing (see `TableSpec`).
    """

    name: str
    keys: tuple[str, ...]
    frame: pl.DataFrame
    release: str
    sha256: str
    contiguous: bool
    complete: bool
    origin: Origin = "package"
    start: str = "valid_from"
    end: str = "valid_to"
    scope: tuple[str, ...] = ()

    @classmethod
    def build(cls, spec: TableSpec, rows: pl.DataFrame, origin: Origin) -> IntervalTable:
        """The table of rows as `TableSpec.read` returns them.

        Raises `ClaimAuditError` for an interval that ends before it starts, for two intervals of
        a key that overlap, and for a hole between them where the spec says `contiguous`.
        """
        _check_intervals(spec, rows)
        frame = rows.drop(PLACE).sort(*spec.keys, spec.start)
        return cls(
            name=spec.name,
            keys=spec.keys,
            frame=frame,
            release=", ".join(frame["release"].unique().sort()),
            sha256=_content_hash(spec.columns, frame),
            contiguous=spec.contiguous,
            complete=spec.complete if origin == "package" else spec.complete_when_loaded,
            origin=origin,
            start=spec.start,
            end=spec.end,
            scope=spec.scope,
        )

    @property
    def first_days(self) -> set[dt.date]:
        """Days on which an interval begins, or is over."""
        begun, ended = (self.frame[name].drop_nulls() for name in (self.start, self.end))
        over = ended.filter(ended < dt.date.max).dt.offset_by("1d")
        return {*begun, *over}

    def looked_up(
        self,
        on: Mapping[str, Numbered],
        date: str,
        take: Sequence[str],
        prefix: str,
        lasting: Sequence[str] = (),
    ) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
        """What looks every line up by its keys and the day in its Date column `date`.

        `on` says where the lines hold the values of the table's key columns; a key column may be
        left out when the table holds one value of it. The lines come back as they are with these
        columns added, each under `prefix`:

        - `known` (Boolean, never null): the key is in the table, on whatever day;
        - `in_force` (Boolean): one of its intervals holds the day; null where the key is not
          known, or the day is missing and the interval not open on both sides;
        - `covered` (Boolean, never null): the table is complete for that day, so that a key that
          is not known or not in force does not exist;
        - the columns of `take`, from the row in force, else null. The interval's start and end,
          `release` and those named in `lasting` are given out of force too: of the last row
          begun by that day, or the first row.
        """
        keys = list(on)
        self._require_keys(keys)
        rows = self.frame.sort(*keys, self.start, nulls_last=False)
        at, known, in_force = f"{prefix}at", f"{prefix}known", f"{prefix}in_force"
        dated = {self.start, self.end, "release", *lasting}

        def cell(name: str) -> pl.Expr:
            return gathered(rows[name], pl.col(at))

        found = pl.col(at).is_not_null()
        holds = _holds(cell(self.start), cell(self.end), date)
        row = [_last_begun(rows, keys, self.start, row_of(rows, on), date).alias(at)]
        about = [
            found.alias(known),
            pl.when(found).then(holds).alias(in_force),
            self.covered(on, date).alias(f"{prefix}covered"),
        ]
        taken = [
            (cell(name) if name in dated else pl.when(in_force).then(cell(name))).alias(
                f"{prefix}{name}"
            )
            for name in take
        ]
        return lambda lines: (
            lines.with_columns(row).with_columns(about).with_columns(taken).drop(at)
        )

    def _require_keys(self, keys: Sequence[str]) -> None:
        spare = [name for name in self.keys if name not in keys]
        if spare and self.frame.select(spare).n_unique() > 1:
            raise errors.reference_key_incomplete(self.name, spare)

    def covered(self, on: Mapping[str, Numbered], date: str) -> pl.Expr:
        """Whether the table is complete for a line (Boolean, never null; see `looked_up`)."""
        scope = [name for name in self.scope if name in on]
        open_start, open_end = pl.col(self.start).has_nulls(), pl.col(self.end).has_nulls()
        releases = self.frame.group_by(*scope, "release").agg(
            pl.when(~open_start).then(pl.col(self.start).min()).alias("start"),
            pl.when(~open_end).then(pl.col(self.end).max()).alias("end"),
        )
        day = pl.col(date)
        spans = [
            pl.all_horizontal(
                pl.lit(True),
                *([day >= span["start"]] if span["start"] else []),
                *([day <= span["end"]] if span["end"] else []),
                *(on[name].fact(on[name].values == span[name]) for name in scope),
            ).fill_null(False)
            for span in releases.iter_rows(named=True)
        ]
        return pl.any_horizontal(spans) if self.complete else pl.lit(False)


def _last_begun(
    rows: pl.DataFrame, keys: Sequence[str], start: str, first: pl.Expr, date: str
) -> pl.Expr:
    """The row number of the key's last interval begun by the day, else of its first.

    `rows` are sorted by keys and start; `first` is the number of the key's first row.
    """
    begins = rows.select(
        pl.col(start).shift(-n).over(keys).alias(str(n))
        for n in range(1, rows.group_by(keys).len()["len"].max() or 1)  # type: ignore[arg-type]
    )
    return pl.sum_horizontal(
        first,
        *(
            (gathered(later, first) <= pl.col(date)).fill_null(False).cast(pl.UInt32)
            for later in begins
        ),
        ignore_nulls=False,
    )


def _holds(start: str | pl.Expr, end: str | pl.Expr, date: str) -> pl.Expr:
    first, last = (pl.col(at) if isinstance(at, str) else at for at in (start, end))
    return (first.is_null() | (first <= pl.col(date))) & (last.is_null() | (pl.col(date) <= last))


def _check_intervals(spec: TableSpec, rows: pl.DataFrame) -> None:
    where = f"reference table {spec.name}"
    first = pl.col(spec.start).fill_null(dt.date.min)
    last = pl.col(spec.end).fill_null(dt.date.max)
    before = last.shift().over(spec.keys)
    reversed = partial(errors.reference_interval_reversed, where, spec.start, spec.end)
    overlap = partial(errors.reference_intervals_overlap, where, spec.keys)
    hole = partial(errors.reference_intervals_hole, where, spec.keys)
    require(rows, [(first > last, reversed)])
    between = [(first > before.dt.offset_by("1d"), hole)] if spec.contiguous else []
    require(rows.sort(*spec.keys, first), [(first <= before, overlap), *between])


def _content_hash(columns: Mapping[str, Column], frame: pl.DataFrame) -> str:
    text = frame.select(
        pl.col(name).list.join(" ") if column.kind == "words" else pl.col(name).cast(pl.String)
        for name, column in sorted(columns.items())
    )
    return hashlib.sha256(text.sort(pl.all()).write_csv().encode()).hexdigest()

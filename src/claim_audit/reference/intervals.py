"""Dated tables: which row was in force on a day, and what it means when there is none."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl
import polars.selectors as cs

from claim_audit import errors
from claim_audit.reference.shape import PLACE, Column, TableSpec, places

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

    def valid_on(
        self,
        lines: pl.LazyFrame,
        on: Mapping[str, str],
        date: str,
        take: Sequence[str],
        prefix: str,
        lasting: Sequence[str] = (),
    ) -> pl.LazyFrame:
        """Look every line up by its keys and the day in its Date column `date`.

        `on` maps columns of the lines to key columns of the table; a key column may be left out
        when the table holds one value of it. The lines come back one for one, in no promised
        order, with these columns added, each under `prefix`:

        - `known` (Boolean, never null): the key is in the table, on whatever day;
        - `in_force` (Boolean): one of its intervals holds the day; null where the key is not
          known, or the day is missing and the interval not open on both sides;
        - `covered` (Boolean, never null): the table is complete for that day, so that a key that
          is not known or not in force does not exist;
        - the columns of `take`, from the row in force, else null. The interval's start and end,
          `release` and those named in `lasting` are given out of force too: of the last row
          begun by that day, or the first row.
        """
        keys = list(on.values())
        self._require_keys(keys)
        nth, known, in_force = f"{prefix}nth", f"{prefix}known", f"{prefix}in_force"
        row = {name: f"{prefix}row {name}" for name in (self.start, self.end, *take)}
        left, right = list(on), [f"{prefix}key {name}" for name in keys]
        entries = self.frame.lazy().select(
            *(pl.col(name).alias(key) for name, key in zip(keys, right, strict=True)),
            *(pl.col(name).alias(alias) for name, alias in row.items()),
            _nth(keys).alias(nth),
            pl.lit(True).alias(known),
        )
        most = self.frame.select(_nth(keys).max()).item()
        if most == 1:
            found = lines.join(entries.drop(nth), left_on=left, right_on=right, how="left")
        else:
            begun = [f"{prefix}begun {n}" for n in range(1, most + 1)]
            begins = entries.group_by(right).agg(
                pl.col(row[self.start])
                .fill_null(dt.date.min)
                .filter(pl.col(nth) == n)
                .first()
                .alias(at)
                for n, at in enumerate(begun, 1)
            )
            passed = pl.sum_horizontal((pl.col(at) <= pl.col(date)).cast(pl.Int64) for at in begun)
            found = (
                lines.join(begins, left_on=left, right_on=right, how="left")
                .with_columns(passed.clip(lower_bound=1).alias(nth))
                .join(entries, left_on=[*left, nth], right_on=[*right, nth], how="left")
                .drop(nth, *begun)
            )
        dated = {self.start, self.end, "release", *lasting}
        return (
            found.with_columns(
                (pl.col(known) & _holds(row[self.start], row[self.end], date)).alias(in_force),
                self.covered({key: line for line, key in on.items()}, date).alias(
                    f"{prefix}covered"
                ),
            )
            .with_columns(
                pl.col(known).fill_null(False),
                *(
                    pl.when(pl.lit(name in dated) | pl.col(in_force))
                    .then(row[name])
                    .alias(f"{prefix}{name}")
                    for name in take
                ),
            )
            .drop(cs.starts_with(f"{prefix}row "))
        )

    def _require_keys(self, keys: Sequence[str]) -> None:
        spare = [name for name in self.keys if name not in keys]
        if spare and self.frame.select(spare).n_unique() > 1:
            raise errors.reference_key_incomplete(self.name, spare)

    def covered(self, line_of: Mapping[str, str], date: str) -> pl.Expr:
        """Whether the table is complete for a line (Boolean, never null; see `valid_on`).

        `line_of` maps key columns of the table to columns of the lines.
        """
        scope = [name for name in self.scope if name in line_of]
        open_start, open_end = pl.col(self.start).has_nulls(), pl.col(self.end).has_nulls()
        releases = self.frame.group_by(*scope, "release").agg(
            pl.when(~open_start).then(pl.col(self.start).min()).alias("start"),
            pl.when(~open_end).then(pl.col(self.end).max()).alias("end"),
        )
        spans = [
            pl.all_horizontal(
                _holds(pl.lit(span["start"], pl.Date), pl.lit(span["end"], pl.Date), date),
                *(pl.col(line_of[name]) == span[name] for name in scope),
            ).fill_null(False)
            for span in releases.iter_rows(named=True)
        ]
        return pl.any_horizontal(spans) if self.complete else pl.lit(False)


def _nth(keys: Sequence[str]) -> pl.Expr:
    return pl.int_range(1, pl.len() + 1).over(keys)


def _holds(start: str | pl.Expr, end: str | pl.Expr, date: str) -> pl.Expr:
    first, last = (pl.col(at) if isinstance(at, str) else at for at in (start, end))
    return (first.is_null() | (first <= pl.col(date))) & (last.is_null() | (pl.col(date) <= last))


def _check_intervals(spec: TableSpec, rows: pl.DataFrame) -> None:
    where = f"reference table {spec.name}"
    first = pl.col(spec.start).fill_null(dt.date.min)
    last = pl.col(spec.end).fill_null(dt.date.max)
    if turned := places(rows, rows.select(first > last).to_series()):
        raise errors.reference_interval_reversed(where, spec.start, spec.end, turned)
    ordered = rows.sort(*spec.keys, first)
    before = last.shift().over(spec.keys)
    if overlapping := places(ordered, ordered.select(first <= before).to_series()):
        raise errors.reference_intervals_overlap(where, spec.keys, overlapping)
    hole = first > before.dt.offset_by("1d")
    if spec.contiguous and (after := places(ordered, ordered.select(hole).to_series())):
        raise errors.reference_intervals_hole(where, spec.keys, after)


def _content_hash(columns: Mapping[str, Column], frame: pl.DataFrame) -> str:
    text = frame.select(
        pl.col(name).list.join(" ") if column.kind == "words" else pl.col(name).cast(pl.String)
        for name, column in sorted(columns.items())
    )
    return hashlib.sha256(text.sort(pl.all()).write_csv().encode()).hexdigest()

"""Eras: the days between which no table, policy or rule begins or ends.

All days of an era are alike to whatever asks since when or until when something holds. So a date
of service need not be known to the day to be judged by dated tables: its era will do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from claim_audit.lookup import Numbered, gathered

ERA, RECEIPT_ERA = "era", "receipt_era"
"""Columns of a line: the first days (Date) of the eras that its service began in, and that the
claim was received in."""

RECEIVED = pl.coalesce("received_date", "service_from_date")
"""When the claim was received; a missing date is taken as that of the service."""


class Eras:
    """The eras of a run. A day on which one begins is given on first use, before they are numbered.

    Args:
        column: where the lines hold the first day of their era.
        first_days: days on which eras begin.
    """

    def __init__(self, column: str, first_days: Iterable[date] = ()) -> None:
        self.column = column
        self._first_days = set(first_days)
        self._closed = False

    def since(self, day: date) -> pl.Expr:
        """Whether the line's date is `day` or later; null where it is not known."""
        self._begin(day)
        return pl.col(self.column) >= day

    def until(self, day: date) -> pl.Expr:
        """Whether the line's date is `day` or earlier; null where it is not known."""
        if day < date.max:
            self._begin(day + timedelta(days=1))
        return pl.col(self.column) <= day

    def _begin(self, day: date) -> None:
        if self._closed and day not in self._first_days:
            raise LookupError(f"{day} is first named when the eras are in use")
        self._first_days.add(day)

    @cached_property
    def numbered(self) -> Numbered:
        """Where the lines hold the number of their era, and the first days of all; closes them.

        The first of them stands for all days before any era begins.
        """
        self._closed = True
        known = pl.Series(sorted(self._first_days) or [date.max], dtype=pl.Date)
        before = (known.head(1).to_physical() - 1).cast(pl.Date)
        return Numbered(f"{self.column}__no", pl.concat([before, known]))

    def number(self, day: pl.Expr) -> pl.Expr:
        """The number (UInt32) of the era of a date; that behind the last where it is null."""
        first_days = self.numbered.values.to_physical()
        start, end = first_days[0], first_days[-1]
        days = pl.int_range(start, end + 1, dtype=pl.Int32, eager=True)
        eras = (first_days.search_sorted(days, side="right") - 1).cast(pl.UInt32)
        place = (day.to_physical().clip(start, end) - start).cast(pl.UInt32)
        return gathered(eras, place).fill_null(len(first_days))

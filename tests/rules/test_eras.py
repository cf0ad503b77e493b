"""Eras: dates are told apart exactly where a table, policy or rule asks."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.rules.eras import ERA, Eras

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


def in_eras(eras: Eras, days: list[date | None]) -> pl.DataFrame:
    """The days with their era as a line has it."""
    numbered = eras.numbered
    return (
        pl.DataFrame({"day": days}, schema={"day": pl.Date})
        .with_columns(eras.number(pl.col("day")).alias(numbered.column))
        .with_columns(numbered.fact(numbered.values).alias(ERA))
    )


@given(
    first_days=st.lists(DAYS, min_size=1, max_size=5),
    since=st.lists(DAYS, max_size=3),
    until=st.lists(DAYS, max_size=3),
    days=st.lists(st.none() | DAYS, max_size=20),
)
def test_an_era_says_of_every_day_what_the_date_says(
    first_days: list[date], since: list[date], until: list[date], days: list[date | None]
) -> None:
    near = [day + timedelta(days=n) for day in (*first_days, *since, *until) for n in (-1, 0, 1)]
    eras = Eras("era", first_days)
    asked = [
        *((eras.since(day), pl.col("day") >= day) for day in (*first_days, *since)),
        *((eras.until(day), pl.col("day") <= day) for day in until),
    ]
    lines = in_eras(eras, [*days, *near])
    for by_era, by_date in asked:
        told = lines.select(by_era.alias("by_era"), by_date.alias("by_date"))
        assert told["by_era"].equals(told["by_date"])


def test_a_day_first_named_when_eras_are_in_use_is_refused() -> None:
    eras = Eras("era", [date(2024, 1, 1)])
    assert len(eras.numbered.values) == 2
    eras.since(date(2024, 1, 1))
    with pytest.raises(LookupError, match="2024-07-01"):
        eras.since(date(2024, 7, 1))


def test_the_first_and_the_last_day_there_is_can_be_named() -> None:
    eras = Eras("era", [date.min, date.max])
    always, never_over = eras.since(date.min), eras.until(date.max)
    lines = in_eras(eras, [date.min, date(2024, 1, 1), date.max])
    assert lines.select(always.all(), never_over.alias("until").all()).row(0) == (True, True)

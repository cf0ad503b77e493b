"""Windows of days within a member: what they hold, and what they cost."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.rules import rolling
from claim_audit.rules.form import WITNESSES

FIRST = date(2024, 1, 1)


def frame(rows: list[tuple[int, int, int]]) -> pl.LazyFrame:
    return pl.LazyFrame(
        {
            "line_id": range(len(rows)),
            "member_key": [member for member, _, _ in rows],
            "service_from_date": [FIRST + timedelta(days=day) for _, day, _ in rows],
            "units": [Decimal(units) for _, _, units in rows],
            "in_population": [units > 0 for _, _, units in rows],
        },
        schema={
            "line_id": pl.UInt64,
            "member_key": pl.UInt32,
            "service_from_date": pl.Date,
            "units": pl.Decimal(16, 4),
            "in_population": pl.Boolean,
        },
    )


LINES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 40), st.integers(-3, 9)), max_size=30)


@given(LINES, st.integers(1, 12))
def test_a_window_holds_the_lines_of_its_days(rows: list[tuple[int, int, int]], days: int) -> None:
    lines = frame(rows)
    found = rolling.with_window(rolling.totals(lines, days, pl.lit(True)), lines)
    expected = {}
    for at, (member, day, units) in enumerate(rows):
        window = [n for n, (m, d, _) in enumerate(rows) if m == member and day - days < d <= day]
        last = max(n for n in window if rows[n][1] == day and rows[n][2] > 0) if units > 0 else -1
        if last == at:
            expected[at] = (sum(rows[n][2] for n in window), sorted({*window} - {at}))
    got = {
        row["line_id"]: (row["used"], sorted(row["related"] or []))
        for row in found.collect().iter_rows(named=True)
    }
    assert got == expected


def test_a_placeholder_for_a_member_number_costs_no_more_than_others() -> None:
    lines = frame([(7, n % 365, 1) for n in range(100_000)])
    found = rolling.with_window(rolling.totals(lines, 90, rolling.USED > 0), lines).collect()
    assert found.height == 365
    assert found["related"].list.len().max() == WITNESSES
    assert found["used"].max() == 90 * 274

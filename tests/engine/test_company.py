"""The sieve before lines are compared, against the plain way to tell."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.engine.company import CLAIM, DAY, company

SCHEMA = {
    "member_key": pl.UInt64,
    "claim_id": pl.UInt64,
    "claim_frequency_code": pl.String,
    "claim_version": pl.UInt64,
    "claim_line_number": pl.Int32,
    "hcpcs_code": pl.String,
    "service_from_date": pl.Date,
    "superseded": pl.Boolean,
}
LINE = (1, 7, "1", None, 1, "A4231", date(2024, 3, 1), False)


def lines(*changes: dict[str, object]) -> pl.DataFrame:
    base = dict(zip(SCHEMA, LINE, strict=True))
    return pl.DataFrame([{**base, **change} for change in changes], schema=SCHEMA)


def in_order(numbers: list[int]) -> bool:
    found = company(lines(*({"claim_line_number": n} for n in numbers)))["in_order"]
    assert found.n_unique() == 1
    return bool(found[0])


@given(st.lists(st.integers(-1, 6) | st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=6))
def test_only_one_to_n_each_once_is_in_order(numbers: list[int]) -> None:
    assert in_order(numbers) == (sorted(numbers) == list(range(1, len(numbers) + 1)))


@pytest.mark.parametrize(("count", "expected"), [(1, True), (50, True), (51, False)])
def test_longer_claims_are_looked_at_closely(count: int, expected: bool) -> None:
    assert in_order(list(range(1, count + 1))) is expected


ROWS = st.tuples(
    st.integers(1, 2),
    st.integers(7, 8),
    st.sampled_from(["1", "7"]),
    st.sampled_from([None, 3]),
    st.none() | st.integers(1, 3),
    st.sampled_from([None, "A4231", "J1817"]),
    st.sampled_from([None, date(2024, 3, 1), date(2024, 3, 2)]),
    st.booleans(),
)


@given(st.lists(ROWS, min_size=1, max_size=12))
def test_both_facts_are_what_counting_line_by_line_gives(rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(rows, SCHEMA, orient="row")
    live = frame.filter(~pl.col("superseded")).to_dicts()

    def alike(row: dict[str, object], keys: tuple[str, ...]) -> list[dict[str, object]]:
        return [other for other in live if all(other[key] == row[key] for key in keys)]

    for row in frame.hstack(company(frame)).to_dicts():
        numbers = [other["claim_line_number"] for other in alike(row, CLAIM)]
        counted = set(numbers) == set(range(1, len(numbers) + 1))
        expected = (None, None) if row["superseded"] else (counted, len(alike(row, DAY)) > 1)
        assert (row["in_order"], row["same_day"]) == expected

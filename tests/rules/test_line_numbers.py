"""The cheap test for line numbers that run from 1 on, against the plain one."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claim_audit.rules.data_quality import dq_07_line_numbers as dq_07


def in_order(numbers: list[int]) -> bool:
    lines = pl.DataFrame({"claim_line_number": numbers}, schema={"claim_line_number": pl.Int32})
    return bool(lines.group_by(pl.lit(1)).agg(dq_07._in_order().alias("yes"))["yes"].item())


@given(st.lists(st.integers(-1, 6) | st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=6))
def test_only_one_to_n_each_once_is_in_order(numbers: list[int]) -> None:
    assert in_order(numbers) == (sorted(numbers) == list(range(1, len(numbers) + 1)))


@pytest.mark.parametrize(("lines", "expected"), [(1, True), (50, True), (51, False)])
def test_longer_claims_are_looked_at_closely(lines: int, expected: bool) -> None:
    assert in_order(list(range(1, lines + 1))) is expected

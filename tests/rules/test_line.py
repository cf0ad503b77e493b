"""What every rule may use of a line."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from claim_audit.contract.claim_line import FIELDS
from claim_audit.rules.line import ONE_DOLLAR, ONE_UNIT, steps


@pytest.mark.parametrize(("field", "one"), [("units", ONE_UNIT), ("charge_amount", ONE_DOLLAR)])
def test_steps_are_whole_numbers_of_the_last_digit(field: str, one: int) -> None:
    texts = ["0", "1", "-1.5", "0.07", "999999999999.99", "-999999999999.99", None]
    cells = [None if text is None else Decimal(text) for text in texts]
    lines = pl.DataFrame({field: pl.Series(cells, dtype=FIELDS[field].dtype)})
    expected = [None if cell is None else int(cell * one) for cell in cells]
    assert lines.select(steps(field)).to_series().to_list() == expected

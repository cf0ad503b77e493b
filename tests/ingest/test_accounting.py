"""The accounting identity."""

from __future__ import annotations

from dataclasses import replace

import pytest

from claim_audit.errors import InternalError
from claim_audit.ingest.accounting import Accounting

WHOLE = Accounting(
    physical_lines=20,
    header_lines=2,
    blank_lines=3,
    embedded_newlines=5,
    records=10,
    claim_records=9,
    rejects=1,
)


def test_an_account_that_adds_up() -> None:
    WHOLE.check("a.csv")


@pytest.mark.parametrize(
    "field", ["physical_lines", "header_lines", "blank_lines", "embedded_newlines"]
)
def test_a_line_unaccounted_for_is_our_fault(field: str) -> None:
    with pytest.raises(InternalError, match="physical lines on one side") as caught:
        replace(WHOLE, **{field: getattr(WHOLE, field) + 1}).check("a.csv")
    assert caught.value.exit_code == 3
    assert caught.value.where == "a.csv"


def test_both_sides_are_named() -> None:
    with pytest.raises(InternalError) as caught:
        replace(WHOLE, claim_records=8).check("a.csv")
    assert "10 records on one side, 8 claim records + 1 rejects = 9 on the other" in str(
        caught.value
    )

"""Traps of the libraries underneath, each with the road that avoids it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandera.polars as pa
import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context

from claim_audit import errors
from claim_audit.contract import judge, text
from claim_audit.contract.claim_line import FIELDS, SHAPES
from claim_audit.contract.schema import column


def read(expr: pl.Expr, *cells: str) -> list[object]:
    return pl.DataFrame({"c": cells}, schema={"c": pl.String}).select(expr)["c"].to_list()


def test_trap_04_pandera_on_a_lazy_frame_passes_bad_values() -> None:
    bad = pl.LazyFrame({"billing_npi": ["1234567890"]}, schema={"billing_npi": pl.String})
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_ONLY):
        column(FIELDS["billing_npi"]).validate(bad)
    assert judge.shapes(bad.collect()) == {"billing_npi": 1}


def test_trap_05_switching_pandera_off_does_not_silence_the_judge() -> None:
    with config_context(validation_enabled=False):
        found = judge.verdict(pl.DataFrame({"x": [1, 2, 3]}), {"big": pl.col("x") > 1})
    assert judge.counted(found) == {"big": 2}


def test_trap_05_a_failing_check_does_not_serialise_every_row() -> None:
    rows = pl.DataFrame({"x": range(50_000)})
    assert judge.verdict(rows, {"all": pl.col("x") >= 0})["all"].all()


def test_trap_06_checks_are_made_by_the_public_constructor() -> None:
    checks = [check for field in FIELDS.values() for check in column(field).checks]
    assert checks and all(type(check) is pa.Check and check.name in SHAPES for check in checks)


def test_the_judge_stops_a_run_when_counts_differ() -> None:
    judge.agree({"a": 1}, {"a": 1, "b": 0})
    with pytest.raises(errors.InternalError, match="a: 1 against 2"):
        judge.agree({"a": 1}, {"a": 2})


def test_trap_07_a_number_that_does_not_fit_is_not_rounded_into_it() -> None:
    money = text.as_decimal(pl.col("c"), pl.Decimal(16, 2))
    assert read(money, "10.505", "10.50", "10.500", "1e400", "NaN", "inf", "٣", "", "-0.01") == [
        None,
        Decimal("10.50"),
        Decimal("10.50"),
        None,
        None,
        None,
        None,
        None,
        Decimal("-0.01"),
    ]


def test_trap_07_two_digit_years_are_no_dates() -> None:
    day = text.as_date(pl.col("c"), text.DEFAULT_DATE_FORMATS)
    assert read(day, "24-01-01", "2024-01-01", "01/02/24", "2024-13-01", "20240229", "45292") == [
        None,
        date(2024, 1, 1),
        None,
        None,
        date(2024, 2, 29),
        None,
    ]


def test_trap_13_shapes_take_no_full_width_digits_and_no_trailing_newline() -> None:
    cells = ["1234567893", "1234567893\n", "１２３４５６７８９３"]
    assert read(SHAPES["npi"](pl.col("c")), *cells) == [True, False, False]
    assert read(SHAPES["hcpcs"](pl.col("c")), "A4231", "A4231\n", "Ａ4231", "99213", "0001F") == [
        True,
        False,
        False,
        True,
        True,
    ]


def test_a_blank_npi_is_neither_right_nor_misshapen() -> None:
    blank = pl.DataFrame({"billing_npi": [None, "1234567893"]}, schema={"billing_npi": pl.String})
    assert blank.select(SHAPES["npi"](pl.col("billing_npi")))["billing_npi"].to_list() == [
        None,
        True,
    ]
    assert judge.shapes(blank) == {"billing_npi": 0}

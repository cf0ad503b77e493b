"""The survey: values with their counts, blanks, cells that need cleaning, constants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from unittest.mock import patch

import polars as pl
import pytest

from claim_audit.contract import survey as module
from claim_audit.contract.survey import Survey, merged, survey


def counts(found: Survey, field: str) -> dict[str | None, int]:
    return dict(found.values[field].select("value", "lines").iter_rows())


def column(found: Survey, field: str) -> tuple[int, int, bool]:
    row = found.columns.row(by_predicate=pl.col("field") == field, named=True)
    return row["blank"], row["decorated"], row["constant"]


def of(**columns: pl.Series | list[object]) -> Survey:
    frame = pl.DataFrame(columns, strict=False)
    return survey(frame.lazy().with_columns(line_id=pl.row_index().cast(pl.UInt64)))


def test_values_are_listed_with_their_counts_and_blank_as_null() -> None:
    found = of(hcpcs_code=["A4239", None, " a4239", "A4239", "", None])
    assert found.lines == 6
    assert counts(found, "hcpcs_code") == {"A4239": 2, " a4239": 1, "": 1, None: 2}
    assert column(found, "hcpcs_code") == (3, 2, True)


def test_a_column_without_blanks_has_no_row_for_them() -> None:
    assert counts(of(hcpcs_code=["A4239", "E0784"]), "hcpcs_code") == {"A4239": 1, "E0784": 1}


def test_an_empty_column_is_one_blank_value() -> None:
    found = of(hcpcs_code=pl.Series([None, None], dtype=pl.String))
    assert counts(found, "hcpcs_code") == {None: 2}
    assert column(found, "hcpcs_code") == (2, 0, False)


def test_no_lines() -> None:
    found = of(hcpcs_code=pl.Series([], dtype=pl.String), payer_name=pl.Series([], dtype=pl.String))
    assert (found.lines, found.payers.height) == (0, 0)
    assert counts(found, "hcpcs_code") == counts(found, "payer_name") == {}


@pytest.mark.parametrize("first", [1, 3, 1_000])
def test_a_column_is_constant_by_all_its_lines(first: int) -> None:
    with patch.object(module, "FIRST_LINES", first):
        found = of(
            claim_id=["C1", "C1", "C1", "C2"],
            member_id=["M1", "M2", "M1", "M1"],
            units=[None, 2, None, 2],
            days_supply=[None, None, None, None],
        )
    assert column(found, "claim_id") == (0, 0, False)
    assert column(found, "member_id") == (0, 0, False)
    assert column(found, "units") == (2, 0, True)
    assert column(found, "days_supply")[::2] == (4, False)


def test_payer_columns_are_listed_alone_and_together() -> None:
    found = of(payer_name=["Aetna", "Aetna", None, "UMR"], plan_name=["HMO", "PPO", "PPO", "PPO"])
    assert counts(found, "payer_name") == {"Aetna": 2, "UMR": 1, None: 1}
    assert counts(found, "plan_name") == {"HMO": 1, "PPO": 3}
    assert set(found.payers.select("payer_name", "plan_name", "lines").iter_rows()) == {
        ("Aetna", "HMO", 1),
        ("Aetna", "PPO", 1),
        (None, "PPO", 1),
        ("UMR", "PPO", 1),
    }
    assert of(hcpcs_code=["A4239"]).payers.rows() == [(1,)]


@pytest.mark.parametrize(
    ("field", "cell", "decorated"),
    [
        ("claim_id", "12", False),
        ("claim_id", "1 2", False),
        ("claim_id", "12 ", True),
        ("claim_id", "\t12", True),
        ("claim_id", "12\u00a0", True),
        ("claim_id", "", False),
        ("units", "-1.5", False),
        ("units", "1,500", True),
        ("units", " 1", True),
        ("charge_amount", "$10", True),
    ],
)
def test_decorated_cells(field: str, cell: str, decorated: bool) -> None:
    found = of(**{field: [cell, None, "1"]})
    assert column(found, field) == (1, int(decorated), cell == "1")
    assert found.decorated(field) is decorated


def test_typed_columns_have_counts_only() -> None:
    day = date(2024, 7, 1)
    found = of(service_from_date=[day, day, None], days_supply=[30, 31, 30])
    assert "service_from_date" not in found.values
    assert column(found, "service_from_date") == (1, 0, True)
    assert column(found, "days_supply") == (0, 0, False)


def parts(**columns: pl.Series | list[object]) -> list[pl.DataFrame]:
    """The rows of a frame, the first two, the next one, and the rest."""
    frame = pl.DataFrame(columns, strict=False)
    return [frame, frame[:2], frame[2:3], frame[3:]]


@pytest.mark.parametrize(
    "columns",
    [
        {
            "hcpcs_code": ["A4239", None, " a4239", "A4239", ""],
            "payer_name": ["x", "x", "y", "", None],
        },
        {"payer_name": ["x", "x", "y", "", None], "payer_id": ["1", None, "1", "1", "1"]},
        {"claim_id": ["a"] * 5, "units": ["1", "$2", " 3", None, "1"]},
        {"claim_id": ["a", "a", "b", "b", "b"], "units": [None, None, None, "7", "7"]},
        {"units": [None, None, "7", None, None], "days_supply": pl.Series([3, 3, 3, 3, 3])},
        {"units": pl.Series([None, None, Decimal("1.5"), None, Decimal("1.5")])},
        {"service_from_date": pl.Series([date(2024, 1, 1)] * 4 + [date(2024, 1, 2)])},
        {"units": pl.Series([None] * 5, dtype=pl.String)},
    ],
)
def test_surveys_of_parts_merge_to_the_survey_of_the_whole(
    columns: dict[str, pl.Series | list[object]],
) -> None:
    whole, *rest = [of(**frame.to_dict(as_series=True)) for frame in parts(**columns)]
    found = merged(rest)
    assert found.lines == whole.lines
    assert found.columns.equals(whole.columns)
    assert found.columns.schema == whole.columns.schema
    assert found.values.keys() == whole.values.keys()
    for name, values in whole.values.items():
        assert found.values[name].sort("value").equals(values.sort("value"))
    assert found.payers.sort(pl.all()).equals(whole.payers.sort(pl.all()))

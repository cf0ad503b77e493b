"""From files to claim lines: every kind of cell, in every shape a file may hold it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from claim_audit import errors
from claim_audit.contract import judge
from claim_audit.contract.cells import Reader, claim_lines
from claim_audit.contract.claim_line import DATES, FIELDS, MODIFIERS
from claim_audit.contract.mapping import file_number, mapped_fields, mapped_lines, record_number
from claim_audit.contract.survey import LISTED, Survey, survey
from claim_audit.ingest import SourceFile, read
from claim_audit.ingest.layouts import builtin, match, resolve
from claim_audit.lookup import Numbered


def lines_of(path: Path, layout: str | Path | None = None) -> pl.DataFrame:
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    layouts, chosen = builtin(), resolve(layout) if layout else None
    extract = read(
        [path], work=work, match=lambda name, header: match(name, header, layouts, chosen)
    )
    (file,) = extract.files
    seen = survey(mapped_lines(file))
    lines = claim_lines(file, seen)
    judge.gate(lines)
    found = lines.collect().sort("line_id")
    check_numbers(file, seen, found)
    filled = {field for field in FIELDS if found[field].count()}
    assert filled <= mapped_fields(file.match) | set(MODIFIERS)
    return found


def check_numbers(file: SourceFile, seen: Survey, lines: pl.DataFrame) -> None:
    """The numbers given to cells as they stand in the file are those of what the lines hold."""
    known = Reader(file, seen).distinct_values()
    none = pl.Series([], dtype=pl.String)
    coded = {
        name: Numbered(f"{name}__no", known.get("modifier" if name in MODIFIERS else name, none))
        for name in sorted(LISTED & set(FIELDS) - set(DATES))
    }
    numbered = Reader(file, seen, coded).lines(file).collect().sort("line_id")
    told = numbered.select(cells.fact(cells.values).alias(name) for name, cells in coded.items())
    assert_frame_equal(told, lines.select(*coded))
    for cells in coded.values():
        assert numbered[cells.column].null_count() == 0


def csv(tmp_path: Path, header: str, *records: str) -> Path:
    path = tmp_path / "claims.csv"
    path.write_text("\n".join([header, *records]) + "\n")
    return path


KEYS = "claim_id,hcpcs_code,service_from_date"


def test_all_fields_are_there_and_absent_ones_are_null(tmp_path: Path) -> None:
    lines = lines_of(csv(tmp_path, KEYS, "0012,A4231,2024-01-02"))
    assert lines.select(*FIELDS).row(0, named=True) == {
        **dict.fromkeys(FIELDS),
        "claim_id": "0012",
        "hcpcs_code": "A4231",
        "service_from_date": date(2024, 1, 2),
    }
    assert lines.select(
        file_number(pl.col("line_id")).alias("file"),
        record_number(pl.col("line_id")).alias("record"),
    ).row(0) == (1, 1)


@pytest.mark.parametrize(
    ("cell", "units", "raw"),
    [
        ("13", Decimal(13), None),
        ("13.0000", Decimal(13), None),
        ('"1,013"', Decimal(1013), None),
        (" 13 ", Decimal(13), None),
        ("60.23456", None, "60.23456"),
        ("1O", None, "1O"),
        ("1e3", None, "1e3"),
        ('"1,3"', None, "1,3"),
        ("", None, None),
        ("   ", None, None),
    ],
)
def test_units(tmp_path: Path, cell: str, units: Decimal | None, raw: str | None) -> None:
    lines = lines_of(csv(tmp_path, f"{KEYS},units", f"1,A4231,2024-01-02,{cell}"))
    assert lines.select("units", "units__raw").row(0) == (units, raw)


@pytest.mark.parametrize(
    ("cell", "day", "raw"),
    [
        ("2024-02-29", date(2024, 2, 29), None),
        ("20240229", date(2024, 2, 29), None),
        ("2/9/2024", date(2024, 2, 9), None),
        ("03-FEB-2014", date(2014, 2, 3), None),
        ("2024-02-29 00:00:00", date(2024, 2, 29), None),
        ("2023-02-29", None, "2023-02-29"),
        ("24-01-01", None, "24-01-01"),
        ("45292", None, "45292"),
    ],
)
def test_dates(tmp_path: Path, cell: str, day: date | None, raw: str | None) -> None:
    lines = lines_of(
        csv(tmp_path, f"{KEYS},paid_date", f"1,A4231,2024-01-02,{cell}"),
    )
    assert lines.select("paid_date", "paid_date__raw").row(0) == (day, raw)


@pytest.mark.parametrize(
    ("code", "slots", "want_code", "want"),
    [
        ("A4231-KX", "NU,,,", "A4231", ["NU", "KX", None, None]),
        ("a4231kxjl", ",,,", "A4231", ["KX", "JL", None, None]),
        ("A4231 KX", "NU,,RR,", "A4231", ["NU", "KX", "RR", None]),
        ("A4231", "kx, nu ,,00", "A4231", ["KX", "NU", None, "00"]),
        ("A4231", '"kx,nu",,,', "A4231", ["KX", "NU", None, None]),
        ("A4231-RR", "KX NU,,GA,", "A4231", ["KX", "NU", "GA", "RR"]),
    ],
)
def test_modifier_noise(
    tmp_path: Path, code: str, slots: str, want_code: str, want: list[str | None]
) -> None:
    header = f"{KEYS},modifier_1,modifier_2,modifier_3,modifier_4"
    lines = lines_of(
        csv(tmp_path, header, f"1,{code},2024-01-02,{slots}", "2,A4224,2024-01-02,KX,JL,,")
    )
    assert lines["hcpcs_code"].to_list() == [want_code, "A4224"]
    assert [lines[f"modifier_{n}"][0] for n in range(1, 5)] == want
    assert [lines[f"modifier_{n}"][1] for n in range(1, 5)] == ["KX", "JL", None, None]


def test_joined_modifiers(tmp_path: Path) -> None:
    lines = lines_of(
        csv(
            tmp_path,
            "Claim No,HCPCS,DOS,Modifiers,Qty",
            '1,A4231,2024-01-02,"KX, NU",5',
            "2,A4231,2024-01-02,KXNU,5",
            "3,A4231,2024-01-02,NONE,5",
            "4,A4231-RR,2024-01-02,kx nu,5",
        )
    )
    assert lines.select("modifier_1", "modifier_2", "modifier_3").rows() == [
        ("KX", "NU", None),
        ("KX", "NU", None),
        ("NONE", None, None),
        ("KX", "NU", "RR"),
    ]


def test_typed_parquet(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pl.DataFrame(
        {
            "claim_id": [1, 2],
            "hcpcs_code": pl.Series(["A4231", "J1817"], dtype=pl.Categorical),
            "service_from_date": [datetime(2024, 1, 2), datetime(2024, 1, 3)],
            "paid_date": [20240203, 20241399],
            "billing_npi": [1234567893.0, None],
            "place_of_service": [12, 4],
            "units": [30.0, 60.23456],
            "charge_amount": [10.505, 0.1 + 0.2],
            "days_supply": [90, 30],
        }
    ).write_parquet(path)
    lines = lines_of(path)
    assert lines.select(
        "claim_id", "hcpcs_code", "service_from_date", "paid_date", "paid_date__raw"
    ).rows() == [
        ("1", "A4231", date(2024, 1, 2), date(2024, 2, 3), None),
        ("2", "J1817", date(2024, 1, 3), None, "20241399"),
    ]
    assert lines["billing_npi"].to_list() == ["1234567893", None]
    assert lines["units"].to_list() == [Decimal(30), None]
    assert lines["units__raw"].to_list() == [None, "60.23456"]
    assert lines["charge_amount"].to_list() == [None, Decimal("0.30")]


def test_a_type_that_cannot_hold_the_field_is_said(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pl.DataFrame(
        {
            "claim_id": ["1"],
            "hcpcs_code": ["A4231"],
            "service_from_date": ["2024-01-02"],
            "units": [True],
        }
    ).write_parquet(path)
    with pytest.raises(errors.ClaimAuditError, match=r"'units' has type Boolean; expected number"):
        lines_of(path)


def test_a_date_column_nobody_can_read_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(errors.ClaimAuditError, match=r"service_from_date.*formats"):
        lines_of(csv(tmp_path, KEYS, "1,A4231,Jan 2 24", "2,A4231,Jan 3 24"))


def layout(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text)
    return path


def test_wide_records_become_lines(tmp_path: Path) -> None:
    own = layout(
        tmp_path,
        """
        name = "wide"
        title = "three lines a record"
        [columns]
        claim_id = "C"
        service_from_date = "D"
        [repeat]
        count = 3
        [repeat.columns]
        hcpcs_code = "H{n}"
        units = "U{n}"
        """,
    )
    path = csv(
        tmp_path, "C,D,H1,H2,H3,U1,U2", "7,2024-01-02,A4231,,J1817,5,6", "8,2024-01-03,,A4224,,1,2"
    )
    lines = lines_of(path, own)
    assert lines.select("claim_id", "hcpcs_code", "units", "claim_line_number").rows() == [
        ("7", "A4231", Decimal(5), 1),
        ("7", "J1817", None, 3),
        ("8", "A4224", Decimal(2), 2),
    ]


def test_fallback_constants_and_adjustment(tmp_path: Path) -> None:
    own = layout(
        tmp_path,
        """
        name = "own"
        title = "fallback, constants, adjustment"
        [columns]
        claim_id = "C"
        hcpcs_code = "H"
        service_from_date = "D"
        units = "U"
        [fallback]
        units = "V"
        [constants]
        payer_name = "Medicare"
        [adjustment]
        column = "E"
        original = ["1"]
        replacement = ["5"]
        void = ["3"]
        reference = "R"
        """,
    )
    path = csv(
        tmp_path,
        "C,H,D,U,V,E,R",
        "1,A4231,2024-01-02,0,7,1,",
        "2,A4231,2024-01-02,,8,5,1",
        "3,A4231,2024-01-02,60.5,60,3,2",
        "4,A4231,2024-01-02,x,,9,",
    )
    adjusted = ("claim_frequency_code", "cross_reference_claim_id")
    rows = lines_of(path, own).select("units", "units__raw", "payer_name", *adjusted).rows()
    expected: list[Any] = [
        (Decimal(7), None, "Medicare", "1", None),
        (Decimal(8), None, "Medicare", "7", "1"),
        (Decimal("60.5"), None, "Medicare", "8", "2"),
        (None, "x", "Medicare", None, None),
    ]
    assert rows == expected

"""The benchmarks table: known quantiles, counts that add up, the same whatever the order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from claim_audit import sample
from claim_audit.config import AuditConfig
from claim_audit.engine.benchmarks import SCHEMA
from claim_audit.pipeline import audit

CONFIG = AuditConfig(as_of=date(2026, 1, 1), layout="canonical")
LINE: Mapping[str, object] = {
    "claim_id": "C1",
    "claim_frequency_code": "1",
    "member_id": "M1",
    "payer_name": "Medicare",
    "line_of_business": "medicare_ffs",
    "billing_npi": "1000000004",
    "place_of_service": "12",
    "service_from_date": "2024-07-01",
    "service_to_date": "2024-07-01",
    "hcpcs_code": "A4239",
    "modifier_1": "KX",
    "modifier_2": None,
    "units": "1",
    "days_supply": "30",
    "charge_amount": "10",
    "allowed_amount": "8",
    "paid_amount": "6",
}


def benchmarks(tmp_path: Path, lines: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    path = tmp_path / "claims.csv"
    whole = [{**LINE, **line} for line in lines]
    pl.DataFrame(whole, schema=dict.fromkeys(LINE, pl.String)).write_csv(path)
    return audit(path, config=CONFIG).benchmarks


def only(table: pl.DataFrame) -> dict[str, Any]:
    (row,) = table.rows(named=True)
    return row


def test_quantiles_are_the_smallest_value_with_that_share(tmp_path: Path) -> None:
    row = only(benchmarks(tmp_path, [{"units": f"{n}"} for n in range(1, 21)]))
    assert [row[f"units_per_line_p{q}"] for q in (5, 25, 50, 75, 95)] == [1, 5, 10, 15, 19]
    assert [row[f"units_per_30_days_p{q}"] for q in (5, 25, 50, 75, 95)] == [1, 5, 10, 15, 19]


def test_units_per_30_days_go_by_the_days_supplied_else_by_the_dates(tmp_path: Path) -> None:
    supplied = only(benchmarks(tmp_path, [{"units": "3", "days_supply": "90"}]))
    dated = {"units": "3", "days_supply": None, "service_to_date": "2024-07-10"}
    assert supplied["units_per_30_days_p50"] == 1
    assert only(benchmarks(tmp_path, [dated]))["units_per_30_days_p50"] == 9
    one_day = {"units": "3", "days_supply": None}
    assert only(benchmarks(tmp_path, [one_day]))["units_per_30_days_p50"] is None


def test_prices_are_medians_per_unit_to_four_places(tmp_path: Path) -> None:
    lines = [
        {"units": "3", "charge_amount": "10", "paid_amount": "-1"},
        {"units": "1", "charge_amount": "2", "paid_amount": "-7"},
        {"units": "1", "charge_amount": "99", "paid_amount": "5"},
        {"units": "0", "charge_amount": "0", "paid_amount": "0"},
        {"units": None, "charge_amount": "1", "paid_amount": "1"},
        {"units": "-2", "charge_amount": "1", "paid_amount": "1"},
    ]
    row = only(benchmarks(tmp_path, lines))
    assert row["charge_per_unit"] == Decimal("3.3333")
    assert row["allowed_per_unit"] == 8
    assert row["paid_per_unit"] == Decimal("-0.3333")


def test_absurd_amounts_stop_nothing(tmp_path: Path) -> None:
    absurd = {"charge_amount": "99999999999999.99", "paid_amount": "-99999999999999.99"}
    row = only(benchmarks(tmp_path, [{"units": "0.0001", **absurd}]))
    assert row["lines"] == 1
    assert row["allowed_per_unit"] == 80_000
    assert (row["charge_per_unit"], row["paid_per_unit"]) == (10**11, -(10**11))


def test_members_and_suppliers_are_counted_once(tmp_path: Path) -> None:
    lines = [
        {"member_id": "M1", "billing_npi": "1000000004"},
        {"member_id": "M1", "billing_npi": None},
        {"member_id": "M2", "billing_npi": "1000000012"},
        {"member_id": None, "claim_id": "C8"},
        {"member_id": None, "claim_id": "C8"},
        {"member_id": None, "claim_id": "M1"},
    ]
    row = only(benchmarks(tmp_path, lines))
    assert (row["lines"], row["members"], row["suppliers"]) == (6, 4, 2)
    assert only(benchmarks(tmp_path, [{"billing_npi": None}]))["suppliers"] == 0


def test_modifiers_and_places_are_named_most_frequent_first(tmp_path: Path) -> None:
    lines = [
        {"modifier_1": "NU", "modifier_2": "KX"},
        {"modifier_1": "NU", "modifier_2": "KX", "place_of_service": "31"},
        {"modifier_1": None, "modifier_2": None, "place_of_service": None},
        {"modifier_1": None, "modifier_2": "KX"},
    ]
    row = only(benchmarks(tmp_path, lines))
    assert row["modifiers"] == "NU KX (2); KX (1); none (1)"
    assert row["places_of_service"] == "12 (2); 31 (1)"


def test_replacements_voids_and_lines_without_a_code_are_left_out(tmp_path: Path) -> None:
    lines = [
        {},
        {"claim_frequency_code": "7"},
        {"claim_frequency_code": "8"},
        {"hcpcs_code": None},
        {"claim_frequency_code": None},
    ]
    assert only(benchmarks(tmp_path, lines))["lines"] == 2
    nothing = benchmarks(tmp_path, [{"hcpcs_code": None}])
    assert nothing.height == 0
    assert nothing.schema == pl.Schema(SCHEMA)


def test_a_row_per_code_payer_and_line_of_business(tmp_path: Path) -> None:
    lines = [
        {"hcpcs_code": code, "payer_name": payer, "line_of_business": business}
        for code in ("E0784", "A4239")
        for payer, business in (
            ("Aetna", "commercial"),
            ("Aetna", "medicare_advantage"),
            ("Nobody Knows", None),
        )
    ]
    table = benchmarks(tmp_path, [*lines, lines[0]])
    keys = ("hcpcs_code", "payer", "line_of_business", "lines")
    assert table.select(keys).rows() == [
        ("A4239", "AETNA", "commercial", 1),
        ("A4239", "AETNA", "medicare_advantage", 1),
        ("A4239", None, None, 1),
        ("E0784", "AETNA", "commercial", 2),
        ("E0784", "AETNA", "medicare_advantage", 1),
        ("E0784", None, None, 1),
    ]


def test_lines_add_up_and_order_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "sample"
    sample.write(out, lines=3000, seed=5, format="csv", error_rate=0.2)
    claims = pl.read_csv(out / "claims.csv", infer_schema=False)
    table = audit(out / "claims.csv", config=CONFIG).benchmarks
    original = ~pl.col("claim_frequency_code").is_in(["7", "8"]).fill_null(False)
    coded = pl.col("hcpcs_code").str.strip_chars().fill_null("") != ""
    assert table["lines"].sum() == claims.filter(original & coded).height
    assert table.schema == pl.Schema(SCHEMA)
    assert table.filter(
        (pl.col("members") > pl.col("lines"))
        | (pl.col("suppliers") > pl.col("lines"))
        | (pl.col("units_per_line_p5") > pl.col("units_per_line_p50"))
        | (pl.col("units_per_line_p50") > pl.col("units_per_line_p95"))
    ).is_empty()
    shuffled = tmp_path / "shuffled.csv"
    claims.sample(fraction=1, shuffle=True, seed=3).write_csv(shuffled)
    assert_frame_equal(table, audit(shuffled, config=CONFIG).benchmarks)

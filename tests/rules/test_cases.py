"""Every rule's pass and fail lines, as they stand in `<RULE-ID>.yml`, through the whole program.

A file holds `base` (cells that its lines share) and cases under `pass`, `fail`,
`not_evaluated`, `no_reference` and `not_applicable`. A case has `lines` (cells by field; null
is a blank cell), and optionally `drop` (fields the extract does not have), `settings`
(configuration), and under `fail` an `expect`: one entry per exception, in order of lines, with
the columns to compare. Without `expect` each line of the case must fail, once.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from claim_audit.config import AuditConfig
from claim_audit.pipeline import audit
from claim_audit.rules.registry import all_rules

HERE = Path(__file__).parent
OUTCOMES = ("pass", "fail", "not_evaluated", "no_reference", "not_applicable")
BASE: dict[str, Any] = {
    "claim_id": "C1",
    "member_id": "1EG4TE5MK73",
    "payer_name": "Original Medicare",
    "billing_npi": "1234567893",
    "ordering_npi": "1245319599",
    "place_of_service": "12",
    "service_from_date": "2024-07-15",
    "service_to_date": "2024-07-15",
    "received_date": "2024-07-20",
    "paid_date": "2024-08-10",
    "hcpcs_code": "A4224",
    "modifier_1": "KX",
    "modifier_2": None,
    "modifier_3": None,
    "modifier_4": None,
    "units": "13",
    "days_supply": "90",
    "charge_amount": "400.00",
    "allowed_amount": "300.00",
    "paid_amount": "240.00",
    "deductible_amount": "0.00",
    "coinsurance_amount": "60.00",
    "diagnosis_code_1": "E10.65",
    "diagnosis_code_2": "Z79.4",
    "claim_frequency_code": "1",
}


@cache
def spec(rule_id: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / f"{rule_id}.yml").read_text())
    return loaded


def cases() -> list[Any]:
    return [
        pytest.param(path.stem, outcome, case, id=f"{path.stem}-{outcome}-{case['name']}")
        for path in sorted(HERE.glob("*.yml"))
        for outcome in OUTCOMES
        for case in spec(path.stem).get(outcome, [])
    ]


def write(path: Path, base: dict[str, Any], case: dict[str, Any]) -> None:
    rows = [
        {**BASE, "claim_line_number": number, **base, **line}
        for number, line in enumerate(case["lines"], 1)
    ]
    fields = [
        f for f in {name: None for row in rows for name in row} if f not in case.get("drop", [])
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fields, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(("rule_id", "outcome", "case"), cases())
def test_case(rule_id: str, outcome: str, case: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path / "claims.csv", spec(rule_id).get("base", {}), case)
    config = AuditConfig(
        **{
            "as_of": date(2026, 1, 1),
            "layout": "canonical",
            "select": (rule_id,),
            **case.get("settings", {}),
        }
    )
    result = audit(tmp_path / "claims.csv", config=config)
    row = result.rule_outcomes.row(by_predicate=pl.col("rule_id") == rule_id, named=True)
    expected = {"pass": "passed", "fail": "failed"}.get(outcome, outcome)
    assert row["outcome"] == expected, (row, result.exceptions.to_dicts())
    if outcome == "fail":
        found = result.exceptions.filter(pl.col("rule_id") == rule_id).to_dicts()
        wanted = case.get("expect") or [{"source_row": n} for n in range(1, len(case["lines"]) + 1)]
        shown = [
            {key: str(got[key]) for key in want} for got, want in zip(found, wanted, strict=False)
        ]
        assert len(found) == len(wanted), found
        assert shown == [{k: str(v) for k, v in want.items()} for want in wanted], found


def test_every_rule_has_lines_that_pass_and_lines_that_fail() -> None:
    lacking = [
        rule_id
        for rule_id in all_rules()
        if not (HERE / f"{rule_id}.yml").is_file()
        or not spec(rule_id).get("pass")
        or not spec(rule_id).get("fail")
    ]
    assert lacking == []


def test_every_case_file_belongs_to_a_rule() -> None:
    assert {path.stem for path in HERE.glob("*.yml")} <= set(all_rules())

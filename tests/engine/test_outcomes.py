"""What becomes of rules that found something twice, or had nothing to look at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from claim_audit.config import AuditConfig
from claim_audit.engine import exceptions, outcomes
from claim_audit.engine.lines import Tally
from claim_audit.pipeline import AuditResult, audit
from claim_audit.rules.registry import all_rules

HEADER = (
    "claim_id,claim_line_number,member_id,payer_name,billing_npi,place_of_service,received_date,"
    "service_from_date,hcpcs_code,modifier_1,diagnosis_code_1,units,charge_amount"
)
SHORT = "C1,1,M1,Aetna"
WHOLE = "C1,1,M1,Aetna,1234567893,12,2024-08-20,2024-08-15,A4231,,E10.9,10,100"
ALL = tuple(all_rules())


def audited(folder: Path, **files: str) -> AuditResult:
    for name, records in files.items():
        (folder / f"{name}.csv").write_text(f"{HEADER}\n{records}")
    return audit(folder, config=AuditConfig(as_of=date(2026, 1, 1), select=ALL))


def test_a_line_that_breaks_a_rule_twice_counts_its_money_once() -> None:
    rule = all_rules()["UN-01"]
    line = {"source_file": "a.csv", "claim_line_number": 1, "amount_at_risk": Decimal("10.50")}
    rows = [
        {**line, "source_row": 1},
        {**line, "source_row": 1},
        {**line, "source_row": 2},
        {"amount_at_risk": None},
    ]
    found = pl.DataFrame(
        [{"rule_id": rule.id, "status": "open", **row} for row in rows], schema=exceptions.SCHEMA
    )
    table = outcomes.table([rule], [], {rule.id: Tally(9, 9, 0, 4)}, {}, {}, found)
    assert table.row(0, named=True) == {
        "rule_id": rule.id,
        "outcome": "failed",
        "population": 9,
        "evaluated": 9,
        "failed": 4,
        "waived": 0,
        "not_evaluated": 0,
        "reason": "",
        "amount_at_risk": Decimal("21.00"),
    }


@pytest.mark.parametrize(
    "records", ["", f"{SHORT}\n{SHORT}\n"], ids=["header only", "all rejected"]
)
def test_no_rule_passes_on_an_extract_without_a_claim_line(tmp_path: Path, records: str) -> None:
    found = audited(tmp_path, claims=records).rule_outcomes

    assert found.height == len(ALL)
    assert set(found["outcome"]) == {"not_applicable", "not_evaluated"}
    assert found["population"].sum() == 0


def test_a_file_without_a_claim_line_adds_nothing_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    alone = audited(tmp_path / "one", claims=f"{WHOLE}\n")
    (tmp_path / "two").mkdir()
    beside = audited(tmp_path / "two", claims=f"{WHOLE}\n", empty="")

    assert beside.rule_outcomes.equals(alone.rule_outcomes)

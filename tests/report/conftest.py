"""A tiny extract, audited once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from claim_audit.config import AuditConfig
from claim_audit.pipeline import AuditResult, audit

HEADER = (
    "claim_id,claim_line_number,member_id,payer_name,line_of_business,billing_npi,"
    "place_of_service,service_from_date,service_to_date,hcpcs_code,modifier_1,units,"
    "charge_amount,allowed_amount,paid_amount\n"
)
MEDICARE = "Original Medicare,,1234567893,12,2024-07-01,2024-07-01"
AETNA = "Aetna,commercial,1234567890,12"
LINES = (
    f"C1,1,MBR000001,{MEDICARE},A4224,KX,13,400,300,240\n"
    f"C1,2,MBR000001,{MEDICARE},J1817,KX,-1,80.5,60,48.30\n"
    "\n"
    f"C2,1,MBR000002,{AETNA},2024-08-01,2024-08-31,A4231,,10.5,150,,\n"
    f"C3,1,MBR000003,{AETNA}\n"
    "C4,1,MBR000003,Somebody,,1234567893,12,2024-08-01,2024-08-01,A4231,,10,150,120,96\n"
)
SETTINGS: dict[str, Any] = {
    "as_of": date(2026, 1, 1),
    "layout": "canonical",
    "select": ("ID-01", "UN-01", "UN-05", "XL-01"),
}

Audited = Callable[..., AuditResult]


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """Audits a CSV file with the lines given, under settings of few and settled rules."""

    def run(lines: str = LINES, **settings: Any) -> AuditResult:
        path = tmp_path_factory.mktemp("extract") / "claims.csv"
        path.write_bytes((HEADER + lines).encode())
        return audit(path, config=AuditConfig(**{**SETTINGS, **settings}))

    return run


@pytest.fixture(scope="session")
def result(audited: Audited) -> AuditResult:
    return audited()

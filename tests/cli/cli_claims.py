"""Text of claim files, and what a command left behind."""

from __future__ import annotations

from pathlib import Path

SECRET = "ZQ9"
"""Stands in every cell that no message may show."""

COLUMNS = (
    "claim_id",
    "claim_line_number",
    "payer_name",
    "member_id",
    "billing_npi",
    "place_of_service",
    "service_from_date",
    "hcpcs_code",
    "modifier_1",
    "units",
    "charge_amount",
    "diagnosis_code_1",
)
CLEAN = {
    "claim_id": f"{SECRET}-C1",
    "claim_line_number": "1",
    "payer_name": "Aetna",
    "member_id": f"{SECRET}-M1",
    "billing_npi": "1234567893",
    "place_of_service": "12",
    "service_from_date": "2024-08-15",
    "hcpcs_code": "A4231",
    "modifier_1": "",
    "units": "30",
    "charge_amount": "300.00",
    "diagnosis_code_1": "E109",
}
"""A line that breaks no rule of severity error."""


def csv(*lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    records = [",".join(columns), *(",".join(line.get(c, "") for c in columns) for line in lines)]
    return "\n".join(records) + "\n"


def left_behind(place: Path) -> list[str]:
    """Whatever stands in the working and temporary folders."""
    temporary = place.parent / "temporary"
    return sorted(
        path.relative_to(place.parent).as_posix()
        for folder in (place, temporary)
        for path in folder.rglob("*")
    )

"""What every rival finds: rules whose exceptions are the same whichever program finds them.

Left out are rules that rest on the days of supply (UN-04, UN-05, UN-07, UN-08, UN-12 to UN-14),
which claim-audit works out over a member's lines, rules over a member's lines other than the MUE
and the duplicates, rules of the batch as a whole, DQ-04, and CD-01, which has nothing to judge by
in the reference tables of the package.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

AS_OF = date(2026, 1, 1)
"""The day the rivals take for today."""

LINE_SHARED = (
    "DQ-01",
    "DQ-02",
    "DQ-03",
    "DQ-05",
    "DQ-06",
    "DQ-08",
    "ID-01",
    "ID-04",
    "CD-02",
    "CD-03",
    "UN-01",
    "UN-03",
    "UN-17",
    "MD-01",
    "MD-02",
    "MD-03",
    "MD-06",
    "MD-07",
    "MD-08",
    "MD-09",
    "MD-10",
    "MD-11",
    "MD-13",
    "MD-14",
    "DT-01",
    "DT-02",
    "DT-03",
    "DT-04",
    "DT-05",
    "DT-07",
    "DX-01",
    "DX-02",
    "DX-03",
    "DX-04",
    "DX-05",
    "PS-01",
    "PS-02",
    "PS-03",
    "MY-01",
    "MY-03",
)
"""Rules that look at one line."""

MEMBER_SHARED = ("UN-02", "DU-01", "DU-02", "DU-03")
"""Rules that look at the lines of a member; UN-02 looks at single lines too."""

SHARED = (*LINE_SHARED, *MEMBER_SHARED)

AMOUNTS = (
    "charge_amount",
    "allowed_amount",
    "paid_amount",
    "deductible_amount",
    "coinsurance_amount",
)
COUNTS = ("claim_line_number", "days_supply")
NUMBERS = (*COUNTS, "units", *AMOUNTS)
DATES = (
    "member_birth_date",
    "service_from_date",
    "service_to_date",
    "received_date",
    "paid_date",
)
NPIS = ("billing_npi", "ordering_npi")
IDS = ("claim_id", "member_id", *NPIS)
PAYER_NAMES = ("payer_name", "plan_name", "line_of_business")
SLOTS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
DIAGNOSES = ("diagnosis_code_1", "diagnosis_code_2", "diagnosis_code_3", "diagnosis_code_4")
"""Columns of the sample; all that are neither numbers nor dates are text."""


def main(run: Callable[[Path, Path], None]) -> None:
    """Run a rival on the paths of the command line: the claims and the output folder."""
    claims, out = map(Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    run(claims, out)

"""What a diagnosis code is, as flags on a line.

`dx_flags` holds the flags of the diagnoses the line points to (else of all), `dx_all_flags`
those of all on the line.
"""

from __future__ import annotations

from datetime import date
from enum import IntFlag
from typing import Final

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, POINTERS

ICD_10_FROM: Final = date(2015, 10, 1)
"""From this date of service on diagnoses are coded in ICD-10-CM (45 CFR 162.1002)."""

MAPPED: Final = "|".join(("diagnosis_code_1", "line_diagnosis_code", "principal_diagnosis"))
"""What a file must have one of for its lines to be judged by their diagnoses."""


class Dx(IntFlag):
    """What a diagnosis code is."""

    DIABETES = 1
    PREGNANCY_DIABETES = 2
    MEDICARE_LISTED = 4
    STATUS_ONLY = 8
    OTHER = 16
    MISSHAPEN = 32
    DOTTED = 64
    UNDOTTED_LONG = 128
    ICD_9_STYLE = 256
    PUMP_PRESENT = 512

    def on(self, flags: str = "dx_flags") -> pl.Expr:
        """Whether one of the line's diagnoses is this."""
        return pl.col(flags) & pl.lit(int(self), pl.UInt16) != 0


def codes() -> pl.Expr:
    """The diagnoses of a line in words: its own, those of the claim, and the pointers to them."""
    claim = pl.concat_list([name for name in DIAGNOSES if name != "line_diagnosis_code"])
    parts = {
        "line": pl.col("line_diagnosis_code"),
        "claim": claim.list.drop_nulls().list.unique(maintain_order=True).list.join(" "),
        "pointers": pl.concat_str(POINTERS, separator=" ", ignore_nulls=True),
    }
    named = [
        pl.when(part.str.len_bytes() > 0).then(pl.format(f"{name} {{}}", part))
        for name, part in parts.items()
    ]
    return pl.concat_str(named, separator="; ", ignore_nulls=True)

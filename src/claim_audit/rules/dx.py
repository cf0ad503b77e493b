"""What a diagnosis code is, as flags on a line.

`dx_flags` holds the flags of the diagnoses the line points to (else of all), `dx_all_flags`
those of all on the line.
"""

from __future__ import annotations

from enum import IntFlag

import polars as pl


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

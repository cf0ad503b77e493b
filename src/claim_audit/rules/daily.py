"""What is used a day: billed units over the days of supply, in the measure of the code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.families import INSULIN_UNITS_PER_UNIT

UNITS: Final = pl.col("units")
DAYS: Final = pl.col("days")
BILLED: Final = UNITS.is_null() | (UNITS > 0)
"""Lines that bill something; where the units are missing that cannot be ruled out."""


@dataclass(frozen=True)
class Use:
    """A measure of use: what is counted, how many of it a billed unit is, places to show."""

    counted: str
    per_unit: int
    places: int

    @property
    def a_day(self) -> pl.Expr:
        """How many a day (Float64); null where the days of supply are not known."""
        return UNITS.cast(pl.Float64) * self.per_unit / DAYS

    @property
    def in_words(self) -> pl.Expr:
        """The use a day, and what it was worked out from."""
        return pl.format(
            f"{{}} {self.counted} a day: {{}} units over {{}} days ({{}})",
            words.rounded(self.a_day, self.places),
            words.number(UNITS),
            "days",
            "days_source",
        )


INSULIN_USE: Final = Use("insulin units", INSULIN_UNITS_PER_UNIT, 1)
SET_USE: Final = Use("sets", 1, 2)
SUPPLY_USE: Final = Use("pieces", 1, 2)

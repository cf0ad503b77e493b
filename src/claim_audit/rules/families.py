"""The codes around insulin pump therapy, in the groups that rules speak of.

Source of the groups: HCPCS Level II descriptors (2026-01) and CMS article A52507, which ties
A4224 and A4225 to the pump E0784 and takes A4230 to A4232 as part of them for Medicare. What is
durable medical equipment (DME) is read from the sections and price indicators of the same HCPCS
file: a code of the named ones, of a DME price indicator, or of a DME section unless its price
indicator says otherwise.
"""

from __future__ import annotations

from typing import Final

INSULIN: Final = ("J1811", "J1813", "J1817")
"""Insulin for pump use, billed per 50 insulin units."""

SETS: Final = ("A4230", "A4231")
"""Infusion sets, billed each."""

WEEKLY_SETS: Final = "A4224"
"""Infusion supplies, billed per week."""

RESERVOIRS: Final = ("A4225", "A4232")
"""Reservoirs or syringes, billed each."""

COMMERCIAL_SUPPLIES: Final = (*SETS, "A4232")
"""Codes that Original Medicare takes as part of A4224 and A4225."""

PUMP: Final = "E0784"
"""External insulin infusion pump."""

BATTERIES: Final = ("K0601", "K0602", "K0603", "K0604", "K0605")
"""Replacement batteries of a pump the member owns."""

INJECTION_INSULIN: Final = ("J1812", "J1814", "J1815")
"""Insulin for injection, billed per 5 insulin units."""

PUMP_SUPPLIES: Final = (WEEKLY_SETS, "A4225", *COMMERCIAL_SUPPLIES)
"""Supplies used with an insulin pump."""

PUMP_FILL: Final = (*PUMP_SUPPLIES, *INSULIN)
"""What is refilled month after month with a pump."""

PUMP_THERAPY: Final = (*PUMP_FILL, PUMP)
"""Everything billed for pump therapy itself."""

INSULIN_UNITS_PER_UNIT: Final = 50
"""Insulin units in one billed unit of `INSULIN` (HCPCS descriptor)."""

DME_NAMED: Final = (*PUMP_THERAPY, "A4602", "A4238", "A4239", "A9999", "J7799")
"""Supplies and drugs that are DME by what they are used with, or by their descriptor."""

DME_SECTIONS: Final = ("E", "K")
"""First letters of the HCPCS sections of durable medical equipment and of the temporary codes of
the DME contractors."""

DME_PRICED: Final = ("31", "32", "33", "34", "36", "45")
"""HCPCS price indicators of equipment: frequently serviced, routinely purchased, oxygen, supplies
of equipment, capped rental, customized."""

NOT_DME_PRICED: Final = ("35", "37", "38", "39", "40")
"""HCPCS price indicators of what Medicare takes in other places too: dressings, ostomy and
urological supplies, orthotics and prosthetics, nutrition, compression."""

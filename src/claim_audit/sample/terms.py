"""The codes, modifiers, dates and prices that clean claims are made of."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np


def day(year: int, month: int, number: int) -> int:
    """A date as days since 1970-01-01."""
    return (date(year, month, number) - date(1970, 1, 1)).days


FIRST_DAY: Final = day(2022, 7, 1)
LAST_DAY: Final = day(2025, 6, 30)
"""All dates of service, spans included, lie in these three years."""

STATUS_ON_SUPPLIES: Final = day(2023, 1, 1)
"""From here Medicare wants KX, GA or GZ on A4224 and A4225 too (article A52507)."""
DURATION_WINDOW: Final = (day(2023, 5, 1), day(2023, 6, 30))
"""JK is billed from the first day; a three-month supply of J1817 is not possible until the last."""
DURATION_REQUIRED: Final = day(2023, 7, 1)
"""From here J1817 needs JK or JL, and the cap on the cost share holds (CGS 2023-07-07)."""
SENSOR_CODE_CHANGE: Final = day(2023, 1, 1)
"""K0553 until the day before, A4239 from here (HCPCS 2023)."""
BRAND_CODES: Final = day(2023, 7, 1)
"""J1811 and J1813 exist from here (HCPCS 2023)."""
MUE_QUARTER: Final = (day(2024, 7, 1), day(2024, 9, 30))
"""The quarter for which the package holds MUE values."""
YEAR_OF_HISTORY: Final = day(2023, 8, 1)
"""From here a sample of the whole three years holds more than twelve months of history."""

HCPCS: Final = (
    "A4224",
    "A4225",
    "A4230",
    "A4231",
    "A4232",
    "J1817",
    "J1811",
    "J1813",
    "A4239",
    "K0553",
    "E0784",
)
A4224, A4225, A4230, A4231, A4232, J1817, J1811, J1813, A4239, K0553, E0784 = range(len(HCPCS))

UNIT_PRICES: Final = np.array(
    [2350, 330, 1050, 950, 340, 1015, 1420, 1390, 25100, 24800, 43500], np.int64
)
"""Typical allowed cents for one unit of each code. J1817: about 10.21 USD (CMS 2021)."""
PUMP_PURCHASE_FACTOR: Final = 10

MODIFIERS: Final = ("KX", "JK", "JL", "NU", "RR", "KH", "KI", "KJ")
NONE = -1
KX, JK, JL, NU, RR, KH, KI, KJ = range(len(MODIFIERS))

DIAGNOSES: Final = (
    "E10.9",
    "E10.65",
    "E10.649",
    "E10.42",
    "E10.22",
    "E10.319",
    "E10.69",
    "E11.9",
    "E11.65",
    "E11.42",
    "E11.22",
    "E11.649",
    "E13.9",
    "Z79.4",
    "Z96.41",
)
"""Leaf codes of diabetes on the Medicare list for pumps (A52507 group 1), then two status codes."""
DIABETES: Final = 13
TYPE_1: Final = 7
LONG_TERM_INSULIN, PUMP_STATUS = 13, 14

PLACES: Final = ("12", "01", "13", "33")
"""Home and what Medicare takes as home for medical equipment; weights in `PLACE_WEIGHTS`."""
PLACE_WEIGHTS: Final = (0.93, 0.04, 0.02, 0.01)

NDCS: Final = ("00002751001", "00169750111", "00024592410", "00169320111", "00002772801")
"""Humalog, NovoLog, Admelog, Fiasp, Lyumjev; ten-millilitre vials."""
PRODUCT_WEIGHTS: Final = (0.4, 0.35, 0.13, 0.08, 0.04)
PRODUCT_CODES: Final = np.array([J1817, J1817, J1817, J1811, J1813])

FREQUENCIES: Final = ("1", "7", "8")
ORIGINAL, REPLACEMENT, VOID = range(len(FREQUENCIES))

DENIALS: Final = ("16",)
"""CARC 16: the claim lacks information."""

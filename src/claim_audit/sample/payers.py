"""Whose members a sample holds: payers, lines of business, spellings, and how each is billed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Coding = Literal["medicare", "commercial"]


@dataclass(frozen=True)
class Book:
    """A payer's line of business.

    Attributes:
        share: weight among all members.
        spellings: how extracts write the payer.
        coding: `medicare` bills weeks of A4224 with A4225 and J1817, `commercial` bills sets
            (A4230, A4231) with A4232.
        prefix: first letter of a member id; a blank stands for a Medicare card number.
        insulin: share of the members whose pump insulin is billed on the medical side.
    """

    payer: str
    line_of_business: str
    share: float
    spellings: tuple[str, ...]
    plans: tuple[str, ...]
    coding: Coding
    prefix: str
    insulin: float


BOOKS = (
    Book(
        "MEDICARE",
        "medicare_ffs",
        0.36,
        (
            "Original Medicare",
            "MEDICARE PART B",
            "Medicare FFS",
            "Medicare Fee-for-Service",
            "Traditional Medicare",
            "DME MAC",
            "Noridian JA DME",
            "Noridian JD DME",
            "CGS JB DME",
            "CGS JC DME",
        ),
        ("",),
        "medicare",
        " ",
        0.8,
    ),
    Book("AETNA", "medicare_advantage", 0.04, ("Aetna MA",), ("HMO", "PPO"), "medicare", "W", 0.7),
    Book(
        "CIGNA",
        "medicare_advantage",
        0.03,
        ("HealthSpring", "Cigna-HealthSpring"),
        ("HMO", "PPO"),
        "medicare",
        "U",
        0.7,
    ),
    Book(
        "UNITEDHEALTHCARE",
        "medicare_advantage",
        0.05,
        ("Secure Horizons", "UnitedHealthcare Dual Complete", "Evercare"),
        ("HMO", "PPO"),
        "medicare",
        "H",
        0.7,
    ),
    Book(
        "AETNA",
        "commercial",
        0.11,
        (
            "Aetna",
            "AETNA INC",
            "Aetna Life Insurance Company",
            "Aetna Life Ins Co",
            "Aetna Choice POS II",
            "Aetna Open Access",
            "Aetna PPO",
        ),
        ("HMO", "PPO", "POS"),
        "commercial",
        "W",
        0.2,
    ),
    Book(
        "BLUE_CROSS_BLUE_SHIELD",
        "commercial",
        0.16,
        (
            "Blue Cross Blue Shield",
            "BCBS",
            "BC/BS",
            "Anthem BCBS",
            "Anthem Blue Cross",
            "BCBS of Texas",
            "BCBSIL",
            "Florida Blue",
            "Highmark BCBS",
            "Regence BlueShield",
            "Blue Shield of California",
        ),
        ("HMO", "PPO", "EPO"),
        "commercial",
        "B",
        0.15,
    ),
    Book(
        "CIGNA",
        "commercial",
        0.09,
        ("Cigna", "CIGNA HEALTHCARE", "Cigna Health and Life Insurance Company", "Cigna OAP"),
        ("OAP", "PPO", "HMO"),
        "commercial",
        "U",
        0.15,
    ),
    Book(
        "UNITEDHEALTHCARE",
        "commercial",
        0.1,
        ("UnitedHealthcare", "United Healthcare", "UHC", "UMR", "UnitedHealthcare Choice Plus"),
        ("PPO", "EPO", "HMO"),
        "commercial",
        "H",
        0.15,
    ),
    Book(
        "BLUE_CROSS_BLUE_SHIELD",
        "commercial_fehb",
        0.03,
        ("BCBS FEP", "FEP Blue", "Federal Employee Program"),
        ("Standard", "Basic"),
        "commercial",
        "R",
        0.15,
    ),
    Book(
        "UNITEDHEALTHCARE",
        "medicaid_managed",
        0.03,
        ("UHC Community Plan", "UnitedHealthcare Community Plan", "AmeriChoice"),
        ("HMO",),
        "commercial",
        "M",
        0.3,
    ),
)

ORIGINAL_MEDICARE = 0
"""Position of Original Medicare among the books."""

SPELLINGS = tuple(name for book in BOOKS for name in book.spellings)
PLANS = tuple(dict.fromkeys(plan for book in BOOKS for plan in book.plans if plan))
LINES_OF_BUSINESS = tuple(dict.fromkeys(book.line_of_business for book in BOOKS))

FIRST_SPELLING = np.cumsum([0, *(len(book.spellings) for book in BOOKS)])[:-1]
SPELLING_COUNT = np.array([len(book.spellings) for book in BOOKS])
PLAN_COUNT = np.array([len(book.plans) for book in BOOKS])
PLAN_CODES = np.array(
    [
        [PLANS.index(book.plans[n % len(book.plans)]) if book.plans[0] else -1 for n in range(3)]
        for book in BOOKS
    ]
)
LOB_CODES = np.array([LINES_OF_BUSINESS.index(book.line_of_business) for book in BOOKS])
BILLED_LIKE_MEDICARE = np.array([book.coding == "medicare" for book in BOOKS])
ID_PREFIXES = np.array([ord(book.prefix) for book in BOOKS], np.uint8)
INSULIN_SHARES = np.array([book.insulin for book in BOOKS])


def is_book(payer: str, *lines_of_business: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For every book, whether it is of this payer and one of these lines of business."""
    return np.array(
        [book.payer == payer and book.line_of_business in lines_of_business for book in BOOKS]
    )

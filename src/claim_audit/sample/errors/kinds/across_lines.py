"""What only shows beside a member's other lines."""

from __future__ import annotations

import numpy as np

from claim_audit.sample import terms
from claim_audit.sample.claims import UNIT_SCALE
from claim_audit.sample.draws import Array
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind(
    "pump-insulin-without-a-pump",
    "XL-01 error/warning @extra",
    where=lambda h: h.insulin & h.served(terms.YEAR_OF_HISTORY),
)
def _(p: Planting) -> None:
    extra = p.add_claim(0)
    long_term = np.array([None, "Z79.4"])[p.member.insulin_status.astype(np.int64)]
    p.set("member_id", p.stranger(), extra)
    p.set("diagnosis_code_2", long_term, extra)
    p.set("diagnosis_code_3", None, extra)


@kind(
    "sets-pile-up",
    "UT-01 warning @extra",
    where=lambda h: (
        h.sets & h.commercial & h.quarterly & h.lines.latest & h.served(end=terms.day(2025, 4, 30))
    ),
)
def _(p: Planting) -> None:
    _further_fill(p, 20 * UNIT_SCALE)


@kind(
    "sets-pile-up-twice-over",
    "UT-01 error @extra",
    where=lambda h: (
        h.sets
        & h.commercial
        & h.quarterly
        & h.lines.latest
        & h.units(40, 45)
        & h.served(end=terms.day(2025, 4, 30))
    ),
)
def _(p: Planting) -> None:
    _further_fill(p, 58 * UNIT_SCALE)


@kind(
    "insulin-piles-up",
    "UT-02 warning @extra",
    where=lambda h: (
        h.insulin
        & ~h.original_medicare
        & h.quarterly
        & h.lines.latest
        & h.units(142, 260)
        & h.served(end=terms.day(2025, 4, 30))
    ),
)
def _(p: Planting) -> None:
    _further_fill(p, p.line.units)


def _further_fill(p: Planting, units: Array | int) -> None:
    start = p.line.service_from_date + p.between("further fill", 25, 50)
    p.add_claim(
        start - p.line.service_from_date,
        service_to_date=start,
        units=units,
        days_supply=90,
        coinsurance_amount=0,
        deductible_amount=0,
        paid_amount=p.line.allowed_amount,
    )

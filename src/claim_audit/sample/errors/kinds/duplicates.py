"""Records, lines and services that stand twice."""

from __future__ import annotations

from claim_audit.sample import identifiers
from claim_audit.sample.claims import UNIT_SCALE
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("record-twice", "DU-01 error @extra", "DQ-07 warning", where=lambda h: h.sensors, alike=True)
def _(p: Planting) -> None:
    p.add_line(claim_line_number=p.line.claim_line_number)


@kind(
    "line-twice-with-other-content",
    "DU-02 error @both",
    "DQ-07 warning",
    where=lambda h: h.sensors,
)
def _(p: Planting) -> None:
    p.add_line(
        claim_line_number=p.line.claim_line_number,
        charge_amount=p.line.charge_amount + 500,
    )


@kind("billed-twice", "DU-03 error @both", where=lambda h: h.sensors & h.alone)
def _(p: Planting) -> None:
    wait = p.between("billed twice", 5, 30)
    p.add_claim(0, received_date=p.line.received_date + wait, paid_date=p.line.paid_date + wait)


@kind(
    "second-supplier",
    "DU-05 warning @both",
    where=lambda h: h.sets & h.commercial & h.alone & h.quarterly & h.units(30, 30) & h.days_known,
)
def _(p: Planting) -> None:
    start = p.line.service_from_date + p.between("second supplier", 15, 40)
    extra = p.add_claim(
        start - p.line.service_from_date,
        service_to_date=start,
        units=10 * UNIT_SCALE,
        days_supply=30,
    )
    other = identifiers.suppliers()[(p.member.supplier + 1) % identifiers.SUPPLIERS]
    p.set("billing_npi", other.astype("U10"), extra)

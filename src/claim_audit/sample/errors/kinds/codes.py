"""Codes out of force, or not for this payer or use."""

from __future__ import annotations

from claim_audit.sample import terms
from claim_audit.sample.claims import UNIT_SCALE
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind(
    "sensor-code-of-last-year",
    "CD-02 error",
    where=lambda h: h.current_sensors,
)
def _(p: Planting) -> None:
    p.set("hcpcs_code", "K0553")


@kind("sensor-code-too-early", "CD-02 error", where=lambda h: h.code(terms.K0553))
def _(p: Planting) -> None:
    p.set("hcpcs_code", "A4239")


@kind(
    "set-code-to-medicare",
    "CD-03 error",
    "UN-03 error",
    where=lambda h: h.sets & h.mue_in_force & h.quarterly & h.steady,
)
def _(p: Planting) -> None:
    p.set("hcpcs_code", p.one_of("set code", "A4230", "A4231"))
    p.set_units(30)


@kind(
    "injection-code-for-pump-insulin",
    "CD-05 warning",
    where=lambda h: h.insulin & ~h.original_medicare,
)
def _(p: Planting) -> None:
    p.set("hcpcs_code", "J1815")
    p.set("units", p.line.units * 10)
    p.set("modifier_2", None)


@kind(
    "injection-code-to-medicare",
    "CD-05 error",
    "UN-03 error",
    where=lambda h: h.insulin & h.mue_in_force,
)
def _(p: Planting) -> None:
    p.set("hcpcs_code", "J1815")
    p.set("units", p.line.units * 10)
    p.set("modifier_2", None)


@kind(
    "weekly-code-beside-sets",
    "CD-10 warning",
    where=lambda h: h.sets & h.commercial & h.alone & h.quarterly,
)
def _(p: Planting) -> None:
    p.add_line(hcpcs_code=terms.A4224, units=12 * UNIT_SCALE)

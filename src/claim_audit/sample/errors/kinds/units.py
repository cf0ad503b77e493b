"""Units in the wrong measure, or too many of them."""

from __future__ import annotations

import numpy as np

from claim_audit.sample import terms
from claim_audit.sample.claims import UNIT_SCALE
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("no-units", "UN-01 error", where=lambda h: h.reservoirs)
def _(p: Planting) -> None:
    p.set_units(-p.below("negative units", 2) * 10)


@kind("part-of-a-unit", "UN-01 error", where=lambda h: h.reservoirs)
def _(p: Planting) -> None:
    p.set("units", p.line.units + UNIT_SCALE // 2)


@kind("two-pumps-in-a-month", "UN-02 error", where=lambda h: h.rental & h.mue_in_force)
def _(p: Planting) -> None:
    p.set_units(2)


@kind("sensor-months-above-mue", "UN-02 error", where=lambda h: h.sensors & h.mue_in_force)
def _(p: Planting) -> None:
    p.set_units(p.between("sensor months", 4, 6))


@kind(
    "mue-passed-over-two-lines",
    "UN-02 error @both",
    where=lambda h: h.sensors & h.alone & h.mue_in_force,
)
def _(p: Planting) -> None:
    p.add_line(units=3 * UNIT_SCALE)


@kind(
    "sets-on-the-weekly-code",
    "UN-02 error",
    "UN-17 error",
    where=lambda h: h.sets & h.mue_in_force & h.settled & (h.days_known | ~h.insulin_on_claim),
)
def _(p: Planting) -> None:
    p.set_units(p.between("sets as weeks", 2, 3) * np.where(p.line.days == 90, 15, 10))


@kind(
    "weeks-beyond-the-span",
    "UN-17 error",
    where=lambda h: h.sets & h.original_medicare & h.monthly & h.days_known,
)
def _(p: Planting) -> None:
    p.set_units(p.between("weeks", 10, 13))


@kind(
    "pump-insulin-as-office-drug",
    "UN-03 error",
    where=lambda h: h.code(terms.J1817) & h.mue_in_force,
    needs=("claim_type",),
)
def _(p: Planting) -> None:
    p.set("claim_type", "practitioner")


@kind(
    "raw-insulin-units",
    "UN-02 error",
    "UN-04 error",
    "UN-05 error",
    "UT-02 error",
    where=lambda h: h.code(terms.J1817) & h.mue_in_force & h.quarterly & h.units(62, 300),
)
def _(p: Planting) -> None:
    p.set("units", p.line.units * 50)


@kind(
    "insulin-counted-by-five",
    "UN-02 error",
    "UN-05 error",
    "UN-08 warning",
    "UT-02 error",
    where=lambda h: h.code(terms.J1817) & h.mue_in_force & h.quarterly & h.units(58, 86),
)
def _(p: Planting) -> None:
    p.set("units", p.line.units * 10)


@kind(
    "vials-as-units",
    "UN-05 warning",
    "UN-07 warning",
    where=lambda h: h.insulin & h.quarterly & h.units(120, 260),
)
def _(p: Planting) -> None:
    p.set_units(p.line.units // (20 * UNIT_SCALE))


@kind(
    "too-much-insulin",
    "UN-05 warning",
    where=lambda h: h.insulin & h.monthly & h.steady & h.units(1, 60),
)
def _(p: Planting) -> None:
    p.set_units(p.between("much insulin", 112, 120))


@kind(
    "too-little-insulin",
    "UN-05 warning",
    where=lambda h: h.insulin & h.monthly & h.days_known,
)
def _(p: Planting) -> None:
    p.set_units(5)


@kind(
    "boxes-as-sets",
    "UN-14 warning",
    where=lambda h: h.sets & h.commercial & h.quarterly,
)
def _(p: Planting) -> None:
    p.set_units(p.line.units // (10 * UNIT_SCALE))


@kind(
    "sets-counted-twice",
    "UN-13 error",
    "UN-14 error",
    "UT-01 error",
    where=lambda h: h.sets & h.commercial & h.quarterly,
)
def _(p: Planting) -> None:
    p.set("units", p.line.units * 10)


@kind(
    "many-sets-a-day",
    "UN-14 warning",
    where=lambda h: h.sets & h.commercial & h.monthly & h.steady & h.units(10, 10),
)
def _(p: Planting) -> None:
    p.set_units(p.between("many sets", 22, 24))


@kind("few-sets-a-day", "UN-14 warning", where=lambda h: h.sets & h.commercial & h.quarterly)
def _(p: Planting) -> None:
    p.set_units(p.between("few sets", 10, 11))

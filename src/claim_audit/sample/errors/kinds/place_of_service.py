"""Places of service that are none, or not home."""

from __future__ import annotations

from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("place-left-out", "PS-01 error", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.set("place_of_service", None)


@kind("place-not-assigned", "PS-01 error", where=lambda h: h.commercial)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("unassigned", "28", "37", "68", "88"))


@kind(
    "hospital-place-with-medicare",
    "PS-02 error",
    "PS-03 warning",
    where=lambda h: h.medicare_equipment,
)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("hospital", "21", "31", "51", "61"))


@kind("hospital-place-with-plan", "PS-02 warning", where=lambda h: h.commercial & ~h.sensors)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("hospital", "21", "31", "51", "61"))


@kind("place-not-home", "PS-03 warning", where=lambda h: h.medicare_equipment)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("place", "11", "20", "49"))

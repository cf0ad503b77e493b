"""Diagnoses that do not support a pump."""

from __future__ import annotations

from claim_audit.sample.draws import Array
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


def _diagnoses(p: Planting, first: Array | str | None) -> None:
    p.set("diagnosis_code_1", first)
    p.set("diagnosis_code_2", None)
    p.set("diagnosis_code_3", None)


@kind("no-diagnosis", "DX-01 error", where=lambda h: h.sensors)
def _(p: Planting) -> None:
    _diagnoses(p, None)


@kind("old-diagnosis-code", "DX-02 error", where=lambda h: h.sensors)
def _(p: Planting) -> None:
    _diagnoses(p, p.one_of("old diagnosis", "250.01", "250.03", "250.61"))


@kind("no-diabetes", "DX-03 error/warning", where=lambda h: h.pump_therapy)
def _(p: Planting) -> None:
    _diagnoses(p, p.one_of("other diagnosis", "I10", "E78.5", "M17.11"))


@kind(
    "diabetes-not-on-the-list",
    "DX-04 warning",
    where=lambda h: h.pump_therapy & h.original_medicare,
)
def _(p: Planting) -> None:
    p.set("diagnosis_code_1", p.one_of("unlisted", "E11.10", "E11.11"))


@kind(
    "status-diagnosis-only", "DX-03 error/warning", "DX-05 warning", where=lambda h: h.pump_therapy
)
def _(p: Planting) -> None:
    _diagnoses(p, p.one_of("status", "Z79.4", "Z96.41"))

"""Cells that are left out, damaged or out of place."""

from __future__ import annotations

import numpy as np

from claim_audit.sample import terms
from claim_audit.sample.claims import MISSING
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("charge-left-out", "DQ-01 error", where=lambda h: h.quiet)
def _(p: Planting) -> None:
    p.set("charge_amount", MISSING)


@kind(
    "payer-left-out", "DQ-01 error", where=lambda h: h.quiet & h.commercial, needs=("payer_name",)
)
def _(p: Planting) -> None:
    p.set("payer_name", None)


@kind("member-left-out", "DQ-01 error", where=lambda h: h.separate)
def _(p: Planting) -> None:
    p.set("member_id", None)


@kind("code-left-out", "DQ-01 error", where=lambda h: h.quiet)
def _(p: Planting) -> None:
    p.set("hcpcs_code", None)


@kind("service-date-left-out", "DQ-01 error", where=lambda h: h.quiet)
def _(p: Planting) -> None:
    p.set("service_from_date", MISSING)


@kind("units-left-out", "DQ-01 error", "DQ-05 error", where=lambda h: h.quiet)
def _(p: Planting) -> None:
    p.set("units", MISSING)


@kind(
    "letter-in-code",
    "DQ-02 error",
    where=lambda h: h.pump | (h.sets & h.commercial & ~h.insulin_on_claim),
)
def _(p: Planting) -> None:
    looks_alike = {"A4230": "A423O", "A4231": "A423I", "E0784": "EO784"}
    p.set("hcpcs_code", np.array([looks_alike[code] for code in p.codes()]))


@kind(
    "modifier-glued-to-code",
    "DQ-03 warning",
    where=lambda h: (h.sets | h.reservoirs) & (h.modifiers_used == 1),
)
def _(p: Planting) -> None:
    glue = p.one_of("glue", "-", "", " ")
    modifier = np.array(terms.MODIFIERS)[p.line.modifier_1]
    p.set("hcpcs_code", np.strings.add(np.strings.add(p.codes(), glue), modifier))
    p.set("modifier_1", None)


@kind("ndc-zeros-lost", "DQ-04 warning", where=lambda h: h.insulin)
def _(p: Planting) -> None:
    p.set("ndc", np.strings.lstrip(np.array(terms.NDCS)[p.line.ndc], "0"))


@kind("units-in-words", "DQ-05 error", where=lambda h: h.quiet, text=True)
def _(p: Planting) -> None:
    p.write("units", p.one_of("words", "ten", "NaN", "1O", "3 bx", "inf"))


@kind("date-that-is-none", "DQ-06 error", where=lambda h: h.quiet, text=True)
def _(p: Planting) -> None:
    p.write("service_from_date", p.one_of("no date", "2024-02-30", "2023-13-05", "2024-00-10"))


@kind("line-numbers-begin-at-two", "DQ-07 warning", where=lambda h: h.separate)
def _(p: Planting) -> None:
    p.set("claim_line_number", 2)


@kind(
    "member-placeholder",
    "DQ-08 warning",
    where=lambda h: h.separate & h.commercial,
    needs=("member_id",),
)
def _(p: Planting) -> None:
    p.set("member_id", p.one_of("placeholder", "UNKNOWN", "9999999999", "0000000000"))


@kind(
    "birth-date-placeholder", "DQ-08 warning", where=lambda h: h.any, needs=("member_birth_date",)
)
def _(p: Planting) -> None:
    p.set("member_birth_date", terms.day(1900, 1, 1))


@kind(
    "modifier-in-lower-case",
    "DQ-10 info @batch",
    where=lambda h: (h.sets | h.reservoirs) & (h.modifiers_used == 1),
)
def _(p: Planting) -> None:
    modifier = np.array(terms.MODIFIERS)[p.line.modifier_1]
    p.set("modifier_1", np.strings.lower(modifier))

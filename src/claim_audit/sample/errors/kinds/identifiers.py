"""Identifiers that cannot be right."""

from __future__ import annotations

import numpy as np

from claim_audit.sample import identifiers
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("ordering-npi-check-digit", "ID-01 warning", where=lambda h: h.any)
def _(p: Planting) -> None:
    npis = identifiers.clinicians()[p.member.clinician]
    p.set("ordering_npi", identifiers.wrong_check_digit(npis).astype("U10"))


@kind("supplier-npi-check-digit", "ID-01 warning", where=lambda h: h.separate)
def _(p: Planting) -> None:
    npis = identifiers.suppliers()[p.member.supplier]
    p.set("billing_npi", identifiers.wrong_check_digit(npis).astype("U10"))


@kind(
    "old-medicare-number",
    "ID-04 warning",
    where=lambda h: h.separate & h.original_medicare,
    needs=("member_id",),
)
def _(p: Planting) -> None:
    digits = identifiers.digits(p.member.number % 10**9, 9).view("S9")[:, 0].astype("U9")
    p.set("member_id", np.strings.add(digits, "A"))

"""Amounts that cannot be right."""

from __future__ import annotations

import numpy as np

from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("nothing-charged", "MY-01 error", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.set("charge_amount", 0)
    p.set("allowed_amount", 0)
    p.set("paid_amount", 0)
    p.set("coinsurance_amount", 0)
    p.set("deductible_amount", 0)


@kind("allowed-above-charge", "MY-03 warning", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.set("allowed_amount", p.line.charge_amount + p.between("more allowed", 500, 5000))


@kind("paid-above-allowed", "MY-03 error", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.set("paid_amount", p.line.allowed_amount + p.between("more paid", 500, 5000))


@kind(
    "insulin-share-above-the-cap",
    "MY-08 error",
    where=lambda h: h.duration_required & (h.lines.allowed_amount > 20_000),
)
def _(p: Planting) -> None:
    cap = np.where(p.line.days == 90, 10_500, 3_500)
    p.share_cost(cap + p.between("above the cap", 500, 4000))


@kind(
    "insulin-deductible",
    "MY-08 error",
    where=lambda h: h.duration_required & (h.lines.allowed_amount > 20_000),
)
def _(p: Planting) -> None:
    p.share_cost(p.line.coinsurance_amount, deductible=2500)

"""Payers that are unknown or unclear."""

from __future__ import annotations

from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind(
    "unknown-payer",
    "PY-01 info @batch",
    where=lambda h: h.quiet & h.commercial,
    needs=("payer_name",),
)
def _(p: Planting) -> None:
    p.set(
        "payer_name", p.one_of("unknown payer", "Prairie Mutual Health", "Lakeside Benefit Trust")
    )


@kind(
    "bare-medicare",
    "PY-03 info @batch",
    where=lambda h: h.original_medicare,
    needs=("payer_name", "line_of_business"),
)
def _(p: Planting) -> None:
    p.set("payer_name", "Medicare")
    p.set("line_of_business", None)

"""Modifiers that are missing, unknown or at odds."""

from __future__ import annotations

import numpy as np

from claim_audit.sample import terms
from claim_audit.sample.draws import Array
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("unknown-modifier", "MD-01 error", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.add_modifier("YY")


@kind("placeholder-modifier", "MD-02 warning", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.add_modifier("00")


@kind(
    "modifier-repeated",
    "MD-03 error",
    where=lambda h: np.isin(h.lines.modifier_1, (terms.NU, terms.RR)),
)
def _(p: Planting) -> None:
    for code in (terms.NU, terms.RR):
        rows = p.rows[p.line.modifier_1 == code]
        slot = "modifier_2" if code == terms.NU else "modifier_4"
        p.set(slot, terms.MODIFIERS[code], rows)


@kind("modifier-out-of-force", "MD-06 error", where=lambda h: h.any)
def _(p: Planting) -> None:
    p.add_modifier("GD")


@kind(
    "status-modifier-missing",
    "MD-07 error",
    where=lambda h: h.original_medicare & (h.code(terms.J1817) | h.pump),
)
def _(p: Planting) -> None:
    rented = p.line.modifier_1 == terms.RR
    p.set("modifier_3", None, p.rows[rented])
    p.set("modifier_1", _text(p.line.modifier_2)[~rented], p.rows[~rented])
    p.set("modifier_2", None, p.rows[~rented])


@kind(
    "status-modifier-missing-on-supply",
    "MD-07 error",
    where=lambda h: h.original_medicare & (h.sets | h.reservoirs) & h.served(terms.day(2023, 3, 1)),
    needs=("received_date",),
)
def _(p: Planting) -> None:
    p.set("modifier_1", None)


def _text(modifiers: Array) -> Array:
    text: Array = np.array([*terms.MODIFIERS, None], object)[modifiers]
    return text


@kind(
    "two-status-modifiers",
    "MD-08 error",
    where=lambda h: h.original_medicare & h.served(terms.STATUS_ON_SUPPLIES),
)
def _(p: Planting) -> None:
    p.add_modifier("GA")


@kind("duration-modifier-missing", "MD-09 error", where=lambda h: h.duration_required)
def _(p: Planting) -> None:
    p.set("modifier_2", None)
    p.share_cost(np.minimum(p.line.coinsurance_amount, 3500))


@kind(
    "both-duration-modifiers",
    "MD-10 error",
    where=lambda h: h.duration_required & h.monthly & ~h.lines.span,
)
def _(p: Planting) -> None:
    p.set("modifier_3", "JL")


@kind(
    "one-month-modifier-on-three-months",
    "MD-11 warning",
    where=lambda h: h.duration_required & h.quarterly & h.lines.span,
)
def _(p: Planting) -> None:
    p.set("modifier_2", "JK")
    p.share_cost(np.minimum(p.line.coinsurance_amount, 3500))


@kind(
    "three-month-modifier-on-one-month",
    "MD-11 warning",
    where=lambda h: h.duration_required & h.monthly & h.lines.span,
)
def _(p: Planting) -> None:
    p.set("modifier_2", "JL")


@kind(
    "three-months-in-may-or-june-2023",
    "MD-13 error",
    where=lambda h: (
        h.insulin
        & h.original_medicare
        & h.monthly
        & ~h.lines.span
        & h.served(*terms.DURATION_WINDOW)
    ),
)
def _(p: Planting) -> None:
    p.set("modifier_2", "JL")


@kind(
    "procedure-modifier",
    "MD-14 warning",
    where=lambda h: h.sets | h.reservoirs | h.insulin,
)
def _(p: Planting) -> None:
    used = p.hosts.modifiers_used[p.rows]
    values = p.one_of("procedure modifier", "52", "59", "25", "76")
    for slot in range(4):
        p.set(f"modifier_{slot + 1}", values[used == slot], p.rows[used == slot])

"""Dates out of order, late claims, long spans, early refills."""

from __future__ import annotations

from claim_audit.sample import terms
from claim_audit.sample.draws import Array
from claim_audit.sample.errors.hosts import Hosts
from claim_audit.sample.errors.kind import kind
from claim_audit.sample.errors.planting import Planting


@kind("from-after-to", "DT-01 error", where=lambda h: h.quiet)
def _(p: Planting) -> None:
    p.set("service_to_date", p.line.service_from_date - p.between("backwards", 2, 5))


FORTY_YEARS = 14_610


@kind(
    "service-in-the-future",
    "DT-02 error",
    "DT-04 error",
    where=lambda h: h.current_sensors | h.pump,
    needs=("received_date",),
)
def _(p: Planting) -> None:
    p.set("service_from_date", p.line.service_from_date + FORTY_YEARS)
    p.set("service_to_date", p.line.service_to_date + FORTY_YEARS)


@kind("to-date-in-the-future", "DT-03 warning", where=lambda h: h.current_sensors | h.pump)
def _(p: Planting) -> None:
    p.set("service_to_date", p.line.service_to_date + FORTY_YEARS)


@kind(
    "paid-before-received",
    "DT-04 error",
    where=lambda h: h.lines.received_date - h.lines.service_from_date >= 8,
    needs=("received_date", "paid_date"),
)
def _(p: Planting) -> None:
    p.set("paid_date", p.line.received_date - p.between("paid early", 2, 6))


def _filed_late(p: Planting, days: Array) -> None:
    ids, host = p.claim_lines()
    received = (p.line.service_to_date + days)[host]
    p.set("received_date", received, ids)
    p.set("paid_date", received + 15, ids)


@kind(
    "filed-late-with-medicare",
    "DT-05 error @claim",
    where=lambda h: h.original_medicare & h.served(end=terms.day(2024, 3, 31)),
    needs=("received_date",),
)
def _(p: Planting) -> None:
    _filed_late(p, p.between("late", 380, 420))


@kind(
    "filed-late-with-plan",
    "DT-05 warning @claim",
    where=lambda h: (
        (h.of("AETNA", "commercial") | h.of("CIGNA", "commercial"))
        & h.served(end=terms.day(2024, 2, 29))
    ),
    needs=("received_date",),
)
def _(p: Planting) -> None:
    _filed_late(p, p.between("late", 380, 420))


@kind(
    "span-over-three-months",
    "DT-07 error/warning",
    where=lambda h: (
        ((h.sets & (h.quarterly | h.days_known)) | h.reservoirs)
        & h.lines.latest
        & h.served(end=terms.day(2024, 12, 31))
    ),
)
def _(p: Planting) -> None:
    p.set("service_to_date", p.line.service_from_date + p.between("long span", 99, 118))


def _early_refill(h: Hosts) -> Array:
    able: Array = (
        h.sets
        & h.original_medicare
        & h.quarterly
        & h.steady
        & (h.member("insulin_units") == 0)
        & h.lines.latest
        & (h.lines.previous >= terms.STATUS_ON_SUPPLIES)
        & (h.days_known | h.lines.span)
    )
    return able


def _refill_after(p: Planting, days: Array) -> None:
    ids, host = p.claim_lines()
    shift = p.line.previous + days - p.line.service_from_date
    p.set_dates(ids, p.hosts.lines.take(ids), shift[host])


@kind("early-refill", "DT-09 warning @claim", where=_early_refill)
def _(p: Planting) -> None:
    _refill_after(p, p.between("early refill", 55, 70))


@kind("refill-while-half-is-left", "DT-09 error @claim", where=_early_refill)
def _(p: Planting) -> None:
    _refill_after(p, p.between("early refill", 20, 35))

"""The kinds of errors: where each can stand, what it changes, which rules it must raise.

A host is a line of a member without any other error and without changed claims, so a kind has to
mind only itself. It must raise its rules and no other error or warning, on any line of the
member. Numbers keep a margin from every threshold, so that the kind does not hang on how days of
supply are worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from claim_audit.sample import identifiers, terms
from claim_audit.sample.claims import MISSING, PUMP_LINE, UNIT_SCALE
from claim_audit.sample.draws import Array
from claim_audit.sample.errors.hosts import Hosts
from claim_audit.sample.errors.planting import Planting, Which

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Raised:
    """A rule that must fire: how severely in Original Medicare and elsewhere, on which lines."""

    rule: str
    severity: Severity
    elsewhere: Severity | None = None
    on: Which = "host"


@dataclass(frozen=True)
class Kind:
    """A kind of error.

    Attributes:
        raises: the rules it must raise.
        where: the lines that can hold it.
        change: what is done to the chosen ones.
        needs: fields without which the error cannot be seen; a layout that lacks one has no
            such error.
        text: the error is text where a number or date should be, so only CSV holds it.
    """

    name: str
    raises: tuple[Raised, ...]
    where: Callable[[Hosts], Array]
    change: Callable[[Planting], None]
    needs: tuple[str, ...] = ()
    text: bool = False


_ALL: list[Kind] = []


def kind(
    name: str,
    *raises: str,
    where: Callable[[Hosts], Array],
    needs: tuple[str, ...] = (),
    text: bool = False,
) -> Callable[[Callable[[Planting], None]], Callable[[Planting], None]]:
    """Register a kind. Rules read ``XL-01 error``, ``XL-01 error/warning`` where other payers
    than Original Medicare get the second, and ``DU-01 error @both`` for other lines than the host.
    """

    def register(change: Callable[[Planting], None]) -> Callable[[Planting], None]:
        _ALL.append(Kind(name, tuple(map(_raised, raises)), where, change, needs, text))
        return change

    return register


def _raised(text: str) -> Raised:
    rule, severity, *rest = text.split()
    first, _, second = severity.partition("/")
    on = rest[0].removeprefix("@") if rest else "host"
    return Raised(rule, first, second or None, on)  # type: ignore[arg-type]


# Any line, or one whose code few rules look at


def _quiet(h: Hosts) -> Array:
    return h.reservoirs | h.sensors


def _any(h: Hosts) -> Array:
    return np.ones(len(h.lines), np.bool_)


def _current_sensor(h: Hosts) -> Array:
    return h.sensors & h.code(terms.A4239)


def _pump(h: Hosts) -> Array:
    return h.role(PUMP_LINE)


def _separate(h: Hosts) -> Array:
    """Claims of one line that is no supply of a fill."""
    return h.alone & (h.sensors | _pump(h))


def _rental(h: Hosts) -> Array:
    return _pump(h) & h.original_medicare


def _pump_code(h: Hosts) -> Array:
    return ~h.sensors


def _medicare_equipment(h: Hosts) -> Array:
    """Lines that rules on the place of service apply to for sure."""
    return h.original_medicare & ~h.code(terms.K0553)


# Data quality


@kind("charge-left-out", "DQ-01 error", where=_quiet)
def _(p: Planting) -> None:
    p.set("charge_amount", MISSING)


@kind(
    "payer-left-out", "DQ-01 error", where=lambda h: _quiet(h) & h.commercial, needs=("payer_name",)
)
def _(p: Planting) -> None:
    p.set("payer_name", None)


@kind("member-left-out", "DQ-01 error", where=_quiet)
def _(p: Planting) -> None:
    p.set("member_id", None)


@kind("code-left-out", "DQ-01 error", where=_quiet)
def _(p: Planting) -> None:
    p.set("hcpcs_code", None)


@kind("service-date-left-out", "DQ-01 error", where=_quiet)
def _(p: Planting) -> None:
    p.set("service_from_date", MISSING)


@kind("units-left-out", "DQ-01 error", "DQ-05 error", where=_quiet)
def _(p: Planting) -> None:
    p.set("units", MISSING)


@kind(
    "letter-in-code",
    "DQ-02 error",
    where=lambda h: _pump(h) | (h.sets & h.commercial & ~h.insulin_on_claim),
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


@kind("units-in-words", "DQ-05 error", where=_quiet, text=True)
def _(p: Planting) -> None:
    p.write("units", p.one_of("words", "ten", "NaN", "1O", "3 bx", "inf"))


@kind("date-that-is-none", "DQ-06 error", where=_quiet, text=True)
def _(p: Planting) -> None:
    p.write("service_from_date", p.one_of("no date", "2024-02-30", "2023-13-05", "2024-00-10"))


@kind("line-numbers-begin-at-two", "DQ-07 warning", where=_separate)
def _(p: Planting) -> None:
    p.set("claim_line_number", 2)


@kind(
    "member-placeholder",
    "DQ-08 warning",
    where=lambda h: _separate(h) & h.commercial,
    needs=("member_id",),
)
def _(p: Planting) -> None:
    p.set("member_id", p.one_of("placeholder", "UNKNOWN", "9999999999", "0000000000"))


@kind("birth-date-placeholder", "DQ-08 warning", where=_any, needs=("member_birth_date",))
def _(p: Planting) -> None:
    p.set("member_birth_date", terms.day(1900, 1, 1))


@kind(
    "modifier-in-lower-case",
    "DQ-10 info",
    where=lambda h: (h.sets | h.reservoirs) & (h.modifiers_used == 1),
)
def _(p: Planting) -> None:
    modifier = np.array(terms.MODIFIERS)[p.line.modifier_1]
    p.set("modifier_1", np.strings.lower(modifier))


# Identifiers


@kind("ordering-npi-check-digit", "ID-01 warning", where=_any)
def _(p: Planting) -> None:
    npis = identifiers.clinicians()[p.member.clinician]
    p.set("ordering_npi", identifiers.wrong_check_digit(npis).astype("U10"))


@kind("supplier-npi-check-digit", "ID-01 warning", where=_separate)
def _(p: Planting) -> None:
    npis = identifiers.suppliers()[p.member.supplier]
    p.set("billing_npi", identifiers.wrong_check_digit(npis).astype("U10"))


@kind(
    "old-medicare-number",
    "ID-04 warning",
    where=lambda h: _separate(h) & h.original_medicare,
    needs=("member_id",),
)
def _(p: Planting) -> None:
    digits = identifiers.digits(p.member.number % 10**9, 9).view("S9")[:, 0].astype("U9")
    p.set("member_id", np.strings.add(digits, "A"))


# Codes


@kind(
    "sensor-code-of-last-year",
    "CD-02 error",
    where=_current_sensor,
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


# Units


@kind("no-units", "UN-01 error", where=lambda h: h.reservoirs)
def _(p: Planting) -> None:
    p.set_units(-p.below("negative units", 2) * 10)


@kind("part-of-a-unit", "UN-01 error", where=lambda h: h.reservoirs)
def _(p: Planting) -> None:
    p.set("units", p.line.units + UNIT_SCALE // 2)


@kind("two-pumps-in-a-month", "UN-02 error", where=lambda h: _rental(h) & h.mue_in_force)
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


# Modifiers


@kind("unknown-modifier", "MD-01 error", where=_any)
def _(p: Planting) -> None:
    p.add_modifier("YY")


@kind("placeholder-modifier", "MD-02 warning", where=_any)
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


@kind("modifier-out-of-force", "MD-06 error", where=_any)
def _(p: Planting) -> None:
    p.add_modifier("GD")


@kind(
    "status-modifier-missing",
    "MD-07 error",
    where=lambda h: h.original_medicare & (h.code(terms.J1817) | _pump(h)),
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
    return np.array([*terms.MODIFIERS, None], object)[modifiers]


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


# Payer


@kind(
    "unknown-payer", "PY-01 info", where=lambda h: _quiet(h) & h.commercial, needs=("payer_name",)
)
def _(p: Planting) -> None:
    p.set(
        "payer_name", p.one_of("unknown payer", "Prairie Mutual Health", "Lakeside Benefit Trust")
    )


@kind(
    "bare-medicare",
    "PY-03 info",
    where=lambda h: h.original_medicare,
    needs=("payer_name", "line_of_business"),
)
def _(p: Planting) -> None:
    p.set("payer_name", "Medicare")
    p.set("line_of_business", None)


# Dates


@kind("from-after-to", "DT-01 error", where=_quiet)
def _(p: Planting) -> None:
    p.set("service_to_date", p.line.service_from_date - p.between("backwards", 2, 5))


FORTY_YEARS = 14_610


@kind(
    "service-in-the-future",
    "DT-02 error",
    "DT-04 error",
    where=lambda h: _current_sensor(h) | _pump(h),
    needs=("received_date",),
)
def _(p: Planting) -> None:
    p.set("service_from_date", p.line.service_from_date + FORTY_YEARS)
    p.set("service_to_date", p.line.service_to_date + FORTY_YEARS)


@kind("to-date-in-the-future", "DT-03 warning", where=lambda h: _current_sensor(h) | _pump(h))
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
        (h.sets | h.reservoirs) & h.lines.latest & h.served(end=terms.day(2024, 12, 31))
    ),
)
def _(p: Planting) -> None:
    p.set("service_to_date", p.line.service_from_date + p.between("long span", 99, 118))


def _early_refill(h: Hosts) -> Array:
    return (
        h.sets
        & h.original_medicare
        & h.quarterly
        & h.steady
        & (h.member("insulin_units") == 0)
        & h.lines.latest
        & (h.lines.previous >= terms.STATUS_ON_SUPPLIES)
        & (h.days_known | h.lines.span)
    )


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


# Duplicates


@kind("record-twice", "DU-01 error @both", "DQ-07 warning @both", where=lambda h: h.sensors)
def _(p: Planting) -> None:
    p.add_line(claim_line_number=p.line.claim_line_number)


@kind(
    "line-twice-with-other-content",
    "DU-02 error @both",
    "DQ-07 warning @both",
    where=lambda h: h.sensors,
)
def _(p: Planting) -> None:
    p.add_line(
        claim_line_number=p.line.claim_line_number,
        charge_amount=p.line.charge_amount + 500,
    )


@kind("billed-twice", "DU-03 error @both", where=lambda h: h.sensors & h.alone)
def _(p: Planting) -> None:
    wait = p.between("billed twice", 5, 30)
    p.add_claim(0, received_date=p.line.received_date + wait, paid_date=p.line.paid_date + wait)


@kind(
    "second-supplier",
    "DU-05 warning @both",
    where=lambda h: h.sets & h.commercial & h.alone & h.quarterly & h.units(30, 30) & h.days_known,
)
def _(p: Planting) -> None:
    start = p.line.service_from_date + p.between("second supplier", 15, 40)
    extra = p.add_claim(
        start - p.line.service_from_date,
        service_to_date=start,
        units=10 * UNIT_SCALE,
        days_supply=30,
    )
    other = identifiers.suppliers()[(p.member.supplier + 1) % identifiers.SUPPLIERS]
    p.set("billing_npi", other.astype("U10"), extra)


# Diagnoses


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


@kind("no-diabetes", "DX-03 error/warning", where=_pump_code)
def _(p: Planting) -> None:
    _diagnoses(p, p.one_of("other diagnosis", "I10", "E78.5", "M17.11"))


@kind(
    "diabetes-not-on-the-list",
    "DX-04 warning",
    where=lambda h: _pump_code(h) & h.original_medicare,
)
def _(p: Planting) -> None:
    p.set("diagnosis_code_1", p.one_of("unlisted", "E11.10", "E11.11"))


@kind("status-diagnosis-only", "DX-03 error/warning", "DX-05 warning", where=_pump_code)
def _(p: Planting) -> None:
    _diagnoses(p, p.one_of("status", "Z79.4", "Z96.41"))


# Place of service


@kind("place-left-out", "PS-01 error", where=_any)
def _(p: Planting) -> None:
    p.set("place_of_service", None)


@kind("place-not-assigned", "PS-01 error", where=lambda h: h.commercial)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("unassigned", "28", "37", "68", "88"))


@kind("hospital-place-with-medicare", "PS-02 error", "PS-03 warning", where=_medicare_equipment)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("hospital", "21", "31", "51", "61"))


@kind("hospital-place-with-plan", "PS-02 warning", where=lambda h: h.commercial & ~h.sensors)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("hospital", "21", "31", "51", "61"))


@kind("place-not-home", "PS-03 warning", where=_medicare_equipment)
def _(p: Planting) -> None:
    p.set("place_of_service", p.one_of("place", "11", "20", "49"))


# Money


@kind("nothing-charged", "MY-01 error", where=_any)
def _(p: Planting) -> None:
    p.set("charge_amount", 0)
    p.set("allowed_amount", 0)
    p.set("paid_amount", 0)
    p.set("coinsurance_amount", 0)
    p.set("deductible_amount", 0)


@kind("allowed-above-charge", "MY-03 warning", where=_any)
def _(p: Planting) -> None:
    p.set("allowed_amount", p.line.charge_amount + p.between("more allowed", 500, 5000))


@kind("paid-above-allowed", "MY-03 error", where=_any)
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


# Across lines


@kind(
    "pump-insulin-without-a-pump",
    "XL-01 error/warning",
    where=lambda h: h.insulin & h.served(terms.YEAR_OF_HISTORY),
)
def _(p: Planting) -> None:
    p.set("member_id", p.stranger())
    p.set("diagnosis_code_2", np.where(p.member.insulin_status, "Z79.4", None))
    p.set("diagnosis_code_3", None)


@kind(
    "sets-pile-up",
    "UT-01 warning @extra",
    where=lambda h: (
        h.sets & h.commercial & h.quarterly & h.lines.latest & h.served(end=terms.day(2025, 4, 30))
    ),
)
def _(p: Planting) -> None:
    _further_fill(p, 20 * UNIT_SCALE)


@kind(
    "sets-pile-up-twice-over",
    "UT-01 error @extra",
    where=lambda h: (
        h.sets
        & h.commercial
        & h.quarterly
        & h.lines.latest
        & h.units(40, 45)
        & h.served(end=terms.day(2025, 4, 30))
    ),
)
def _(p: Planting) -> None:
    _further_fill(p, 58 * UNIT_SCALE)


@kind(
    "insulin-piles-up",
    "UT-02 warning @extra",
    where=lambda h: (
        h.insulin
        & ~h.original_medicare
        & h.quarterly
        & h.lines.latest
        & h.units(142, 260)
        & h.served(end=terms.day(2025, 4, 30))
    ),
)
def _(p: Planting) -> None:
    _further_fill(p, p.line.units)


def _further_fill(p: Planting, units: Array | int) -> None:
    start = p.line.service_from_date + p.between("further fill", 25, 50)
    p.add_claim(
        start - p.line.service_from_date,
        service_to_date=start,
        units=units,
        days_supply=90,
        coinsurance_amount=0,
        deductible_amount=0,
        paid_amount=p.line.allowed_amount,
    )


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every kind of error by name."""
assert len(KINDS) == len(_ALL)

"""From claims to claim lines: codes, units, modifiers, dates and money."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from claim_audit.sample import terms
from claim_audit.sample.draws import Array, Draws
from claim_audit.sample.fills import FILL, PUMP, Claims
from claim_audit.sample.members import BOUGHT, Members

SETS, RESERVOIRS, INSULIN, SENSORS, PUMP_LINE = range(5)
"""What a line is for; the order of lines on a claim."""

UNIT_SCALE = 1000
"""Units are held as thousandths."""

MISSING = np.iinfo(np.int64).min
"""An empty cell of a number or date."""

INSULIN_CAP = 3500
"""Cents of coinsurance on pump insulin a month, Medicare from 2023-07-01 (A52507)."""


@dataclass(frozen=True)
class Lines:
    """One entry per claim line in every array.

    Fields of the contract have their contract's names. Dates are days since 1970-01-01, amounts
    are cents, units are thousandths; codes are positions in the lists of `terms` (-1: blank).
    `claim` is the number of the claim, `owner` the member's position in the block.
    """

    owner: Array
    claim: Array
    kind: Array
    role: Array
    days: Array
    previous: Array
    latest: Array
    span: Array
    changed: Array
    lines_in_claim: Array
    claim_line_number: Array
    claim_frequency_code: Array
    reference: Array
    service_from_date: Array
    service_to_date: Array
    received_date: Array
    paid_date: Array
    place_of_service: Array
    hcpcs_code: Array
    modifier_1: Array
    modifier_2: Array
    modifier_3: Array
    units: Array
    days_supply: Array
    ndc: Array
    charge_amount: Array
    allowed_amount: Array
    paid_amount: Array
    deductible_amount: Array
    coinsurance_amount: Array
    denial_code: Array

    def __len__(self) -> int:
        return len(self.claim)

    def take(self, rows: Array) -> Lines:
        """The lines at these positions."""
        return Lines(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @classmethod
    def concat(cls, parts: list[Lines]) -> Lines:
        """The lines of all parts."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)}
        )

    @cached_property
    def claim_begins(self) -> Array:
        """Position of the first line of each line's claim; lines of a claim stand together."""
        begins: Array = np.arange(len(self)) - (self.claim_line_number - 1)
        return begins


def generate(members: Members, claims: Claims, draws: Draws, *, show_days: bool) -> Lines:
    """The lines of the claims, in their order.

    Args:
        show_days: whether the extract has a column for days of supply.
    """
    owner = claims.owner
    fill, pump = claims.kind == FILL, claims.kind == PUMP
    quarterly = claims.days == 90
    begin, end = terms.DURATION_WINDOW
    too_long = members.like_medicare[owner] & quarterly
    too_long &= (claims.start >= begin) & (claims.start <= end)
    on_claim = np.stack(
        [
            fill,
            fill & (members.reservoirs[owner] > 0),
            fill & (members.insulin_units[owner] > 0) & ~too_long,
            ~pump & members.sensors[owner] & ~(fill & quarterly),
            pump,
        ],
        axis=1,
    )
    at, role = np.nonzero(on_claim)
    member = owner[at]
    start, days = claims.start[at], claims.days[at]
    like_medicare = members.like_medicare[member]
    code = _codes(members, member, role, start)
    insulin, supply = role == INSULIN, (role == SETS) | (role == RESERVOIRS)
    units = np.select(
        [role == SETS, role == RESERVOIRS, insulin],
        [members.sets[member], members.reservoirs[member], members.insulin_units[member]],
        1,
    )
    bought = (role == PUMP_LINE) & (members.pump[member] == BOUGHT)
    shown = claims.shown[at] & (role != PUMP_LINE) & show_days
    key = claims.number[at] * len(on_claim[0]) + role
    first, second, third = _modifiers(
        role=role,
        days=days,
        start=start,
        month=claims.ordinal[at],
        like_medicare=like_medicare,
        new_equipment=members.new_equipment[member],
        bought=bought,
    )
    capped = insulin & like_medicare & (start >= terms.DURATION_REQUIRED)
    money = _money(
        units=units,
        price=terms.UNIT_PRICES[code]
        * np.where(bought, terms.PUMP_PURCHASE_FACTOR, 1)
        * members.price[member],
        markup=members.markup[member],
        deductible=(supply | (role == SENSORS)) * _deductibles(key, start, draws),
        share=members.share[member],
        cap=np.where(capped, INSULIN_CAP * days // 30, MISSING),
        denied=claims.denied[at],
        voided=claims.frequency[at] == terms.VOID,
    )
    charge, allowed, paid, deductible, coinsurance = money
    return Lines(
        owner=member,
        claim=claims.number[at],
        kind=claims.kind[at],
        role=role,
        days=days,
        previous=claims.previous[at],
        latest=claims.latest[at],
        span=claims.span[at] & (role != SENSORS),
        changed=claims.changed[at],
        lines_in_claim=on_claim.sum(axis=1)[at],
        claim_line_number=np.cumsum(on_claim, axis=1)[at, role],
        claim_frequency_code=claims.frequency[at],
        reference=claims.reference[at],
        service_from_date=start,
        service_to_date=start + np.where(claims.span[at] & (role != SENSORS), days - 1, 0),
        received_date=claims.received[at],
        paid_date=claims.paid[at],
        place_of_service=draws.choice("place", claims.number, terms.PLACE_WEIGHTS)[at],
        hcpcs_code=code,
        modifier_1=first,
        modifier_2=second,
        modifier_3=third,
        units=units * UNIT_SCALE,
        days_supply=np.where(shown, np.where(role == SENSORS, 30, days), MISSING),
        ndc=np.where(insulin, members.product[member], -1),
        charge_amount=charge,
        allowed_amount=allowed,
        paid_amount=paid,
        deductible_amount=deductible,
        coinsurance_amount=coinsurance,
        denial_code=np.where(claims.denied[at], 0, -1),
    )


def _codes(members: Members, member: Array, role: Array, start: Array) -> Array:
    product = terms.PRODUCT_CODES[members.product[member]]
    return np.select(
        [role == SETS, role == RESERVOIRS, role == INSULIN, role == SENSORS],
        [
            members.set_code[member],
            np.where(members.like_medicare[member], terms.A4225, terms.A4232),
            np.where(start >= terms.BRAND_CODES, product, terms.J1817),
            np.where(start >= terms.SENSOR_CODE_CHANGE, terms.A4239, terms.K0553),
        ],
        terms.E0784,
    )


def _modifiers(
    *,
    role: Array,
    days: Array,
    start: Array,
    month: Array,
    like_medicare: Array,
    new_equipment: Array,
    bought: Array,
) -> tuple[Array, Array, Array]:
    rented = (role == PUMP_LINE) & ~bought
    supply = (role == SETS) | (role == RESERVOIRS)
    kx = like_medicare & (~supply | (start >= terms.STATUS_ON_SUPPLIES))
    rental_month = np.select([month == 0, month <= 2], [terms.KH, terms.KI], terms.KJ)
    duration = (role == INSULIN) & like_medicare & (start >= terms.DURATION_WINDOW[0])
    first = np.select(
        [rented, kx, bought | (supply & new_equipment)],
        [terms.RR, terms.KX, terms.NU],
        terms.NONE,
    )
    second = np.select(
        [rented, duration],
        [rental_month, np.where(days == 90, terms.JL, terms.JK)],
        terms.NONE,
    )
    return first, second, np.where(rented, terms.KX, terms.NONE)


def _deductibles(key: Array, start: Array, draws: Draws) -> Array:
    """Cents of deductible asked for: now and then in the first quarter of a year."""
    first_quarter = (start - terms.FIRST_DAY + 181) % 365 < 88
    asked = first_quarter & draws.chance("deductible", key, 0.1)
    return asked * draws.between("deductible amount", key, 2000, 8000)


def _money(
    *,
    units: Array,
    price: Array,
    markup: Array,
    deductible: Array,
    share: Array,
    cap: Array,
    denied: Array,
    voided: Array,
) -> tuple[Array, Array, Array, Array, Array]:
    """Charge, allowed, paid, deductible and coinsurance in cents, reversed on voids."""
    unit_price = np.rint(price).astype(np.int64)
    charge = np.rint(unit_price * markup).astype(np.int64) * units
    allowed = np.where(denied, 0, unit_price * units)
    deductible = np.minimum(deductible, allowed)
    coinsurance = (allowed - deductible) * share // 100
    coinsurance = np.where(cap == MISSING, coinsurance, np.minimum(coinsurance, cap))
    paid = allowed - deductible - coinsurance
    sign = np.where(voided, -1, 1)
    return charge, allowed, paid * sign, deductible * sign, coinsurance * sign

"""What is claimed when: fills, rental months, sensors, and claims changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from claim_audit.sample import payers, terms
from claim_audit.sample.draws import Array, Draws
from claim_audit.sample.members import NO_PUMP_CLAIM, RENTED, Members

PUMP, FILL, SENSORS, EXTRA = range(4)
"""Kinds of claims, in the order in which they stand on a day; errors may add an extra claim."""

RENTAL_MONTHS = 13
CHANGED = 0.012
"""Share of the claims that were replaced or voided afterwards."""

CLAIMS_OF_MEMBER = 1024
CLAIMS_OF_KIND = 256
CHANGES_OF_CLAIM = 4


@dataclass(frozen=True)
class Claims:
    """One entry per claim in every array.

    `owner` is the member's position in the block, `number` the identity of the claim, `ordinal`
    its number among the member's claims of its kind, `days` the supply, `previous` the day of
    the member's last fill before (-1: none), `latest` whether no later one follows, `span`
    whether the dates span the supply, `shown` whether days of supply are given, `frequency` a
    position in `terms.FREQUENCIES`, `reference` the number of the claim that is changed (-1:
    none), `changed` whether the claim belongs to a chain of changes.
    """

    owner: Array
    number: Array
    kind: Array
    ordinal: Array
    start: Array
    days: Array
    previous: Array
    latest: Array
    span: Array
    shown: Array
    received: Array
    paid: Array
    frequency: Array
    reference: Array
    denied: Array
    changed: Array

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: Array) -> Claims:
        """The claims at these positions."""
        return Claims(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @classmethod
    def concat(cls, parts: list[Claims]) -> Claims:
        """The claims of all parts."""
        return cls(
            **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)}
        )


def generate(members: Members, draws: Draws) -> Claims:
    """All claims of the members, sorted by member, day and kind."""
    schedule = Schedule.concat(
        [_fills(members, draws), _rentals(members), _sensors(members, draws)]
    )
    claims = _dated(members, schedule, draws)
    claims = Claims.concat([claims, *_changes(claims, draws)])
    order = np.argsort(
        ((claims.owner << 16 | (claims.start - terms.FIRST_DAY)) << 2 | claims.kind) << 2
        | claims.number % CHANGES_OF_CLAIM,
        kind="stable",
    )
    return claims.take(order)


@dataclass(frozen=True)
class Schedule:
    """What is claimed on which day; fields as in `Claims`."""

    kind: Array
    owner: Array
    ordinal: Array
    start: Array
    previous: Array
    latest: Array

    @classmethod
    def concat(cls, parts: list[Schedule]) -> Schedule:
        """All parts together."""
        return cls(
            **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)}
        )

    @classmethod
    def unlinked(cls, kind: int, owner: Array, ordinal: Array, start: Array) -> Schedule:
        """Claims that no later claim is measured by."""
        return cls(
            kind=np.full(len(owner), kind),
            owner=owner,
            ordinal=ordinal,
            start=start,
            previous=np.full(len(owner), -1),
            latest=np.zeros(len(owner), np.bool_),
        )


def _series(counts: Array) -> tuple[Array, Array]:
    """Owner and ordinal of every one of `counts` things."""
    owners = np.repeat(np.arange(len(counts)), counts)
    ordinals = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owners, ordinals


def _fills(members: Members, draws: Draws) -> Schedule:
    days = members.days
    counts = 1 + (members.last_day - members.first_day) // (days + 6)
    owners, ordinals = _series(counts)
    keys = members.number[owners] * CLAIMS_OF_KIND + ordinals
    quarterly = days[owners] == 90
    gap = draws.between("gap", keys, np.where(quarterly, 3, 1), np.where(quarterly, 14, 8))
    gap += draws.chance("lapse", keys, 0.05) * draws.between("lapse days", keys, 15, 50)
    early = members.early[owners] & draws.chance("early refill", keys, 0.15)
    gap = np.where(early, -draws.between("early days", keys, 2, np.where(quarterly, 6, 4)), gap)
    interval = np.where(ordinals == 0, 0, days[owners] + gap)
    elapsed = np.cumsum(interval)
    first = np.cumsum(counts) - counts
    starts = members.first_day[owners] + elapsed - np.repeat(elapsed[first], counts)
    kept = starts + days[owners] - 1 <= terms.LAST_DAY
    owners, ordinals, starts = owners[kept], ordinals[kept], starts[kept]
    latest = np.append(owners[1:] != owners[:-1], True)
    previous = np.where(ordinals > 0, np.append(-1, starts[:-1]), -1)
    return Schedule(np.full(len(owners), FILL), owners, ordinals, starts, previous, latest)


def _rentals(members: Members) -> Schedule:
    months = 1 + (members.last_day - members.first_day) // 31
    rented = np.minimum(months, RENTAL_MONTHS) * (members.pump == RENTED)
    counts = np.where(members.pump == NO_PUMP_CLAIM, 0, np.maximum(rented, 1))
    owners, ordinals = _series(counts)
    starts = members.first_day[owners] + ordinals * 61 // 2
    return Schedule.unlinked(PUMP, owners, ordinals, starts)


def _sensors(members: Members, draws: Draws) -> Schedule:
    """Months of sensors on claims of their own; thirty-day members have them on the fill."""
    begin = draws.below("sensors begin", members.number, 20)
    months = 1 + (members.last_day - members.first_day - begin - 5) // 34
    counts = np.maximum(months, 0) * (members.sensors & (members.days == 90))
    owners, ordinals = _series(counts)
    keys = members.number[owners] * CLAIMS_OF_KIND + ordinals
    starts = (members.first_day + begin)[owners] + ordinals * 33
    starts += draws.below("sensors", keys, 3)
    kept = starts <= terms.LAST_DAY
    return Schedule.unlinked(SENSORS, owners[kept], ordinals[kept], starts[kept])


def _dated(members: Members, schedule: Schedule, draws: Draws) -> Claims:
    kinds, owners, starts = schedule.kind, schedule.owner, schedule.start
    number = members.number[owners] * CLAIMS_OF_MEMBER + kinds * CLAIMS_OF_KIND
    number += schedule.ordinal * CHANGES_OF_CLAIM
    fill = kinds == FILL
    days = np.where(fill, members.days[owners], 30)
    like_medicare = members.like_medicare[owners]
    no_duration = like_medicare & (starts < terms.DURATION_WINDOW[0])
    span = fill & (no_duration | draws.chance("span", number, 0.4))
    shown = ~(span & (days == 30) & draws.chance("days left out", number, 0.25))
    wait = draws.between("wait", number, 2, 40)
    slow = (
        (members.book[owners] == payers.ORIGINAL_MEDICARE)
        & (starts < terms.LAST_DAY - 300)
        & draws.chance("slow", number, 0.05)
    )
    wait += slow * draws.between("slow wait", number, 40, 250)
    received = starts + np.where(shown, wait, days + draws.between("wait", number, 0, 10))
    return Claims(
        owner=owners,
        number=number,
        kind=kinds,
        ordinal=schedule.ordinal,
        start=starts,
        days=days,
        previous=schedule.previous,
        latest=schedule.latest,
        span=span,
        shown=shown,
        received=received,
        paid=received + draws.between("payment", number, 10, 30),
        frequency=np.full(len(owners), terms.ORIGINAL),
        reference=np.full(len(owners), -1),
        denied=np.zeros(len(owners), np.bool_),
        changed=np.zeros(len(owners), np.bool_),
    )


def _changes(claims: Claims, draws: Draws) -> list[Claims]:
    """Later claims of chains; the originals among `claims` are marked in place.

    Half of the chains replace a denied claim, a quarter void a claim and bill it anew, a quarter
    only void it.
    """
    rows = np.flatnonzero(draws.chance("changed", claims.number, CHANGED * (claims.kind != PUMP)))
    claims.changed[rows] = True
    way = draws.unit("way of change", claims.number[rows])
    replaced, voided = rows[way < 0.5], rows[way >= 0.5]
    claims.denied[replaced] = True
    anew = rows[(way >= 0.5) & (way < 0.75)]
    return [
        _later(claims.take(replaced), draws, 1, terms.REPLACEMENT),
        _later(claims.take(voided), draws, 1, terms.VOID),
        _later(claims.take(anew), draws, 2, terms.ORIGINAL),
    ]


def _later(claims: Claims, draws: Draws, change: int, frequency: int) -> Claims:
    number = claims.number + change
    bill = frequency == terms.ORIGINAL
    received = np.where(
        bill,
        claims.received + draws.between("rebilled", number, 3, 20),
        claims.paid + draws.between("change received", number, 1, 20),
    )
    return replace(
        claims,
        number=number,
        received=received,
        paid=received + draws.between("change paid", number, 10, 30),
        frequency=np.full(len(claims), frequency),
        reference=np.full(len(claims), -1) if bill else claims.number,
        denied=np.zeros(len(claims), np.bool_),
    )

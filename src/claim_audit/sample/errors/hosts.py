"""What a kind of error can ask of a line before it takes it as its host."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from claim_audit.sample import payers, terms
from claim_audit.sample.claims import (
    INSULIN,
    MISSING,
    PUMP_LINE,
    RESERVOIRS,
    SENSORS,
    SETS,
    UNIT_SCALE,
    Lines,
)
from claim_audit.sample.draws import Array
from claim_audit.sample.members import Members


class Hosts:
    """Questions about clean lines; every answer is a Boolean per line unless said otherwise."""

    def __init__(self, lines: Lines, members: Members) -> None:
        self.lines = lines
        self.members = members

    def member(self, field: str) -> Array:
        """A field of the member, per line."""
        values: Array = getattr(self.members, field)[self.lines.owner]
        return values

    def role(self, *roles: int) -> Array:
        """Whether the line is for one of these (see `claims`)."""
        answer: Array = np.isin(self.lines.role, roles)
        return answer

    def code(self, *codes: int) -> Array:
        """Whether the line bears one of these codes (see `terms`)."""
        answer: Array = np.isin(self.lines.hcpcs_code, codes)
        return answer

    def of(self, payer: str, *lines_of_business: str) -> Array:
        """Whether the member is with this payer in one of these lines of business."""
        answer: Array = payers.is_book(payer, *lines_of_business)[self.member("book")]
        return answer

    def served(self, begin: int = terms.FIRST_DAY, end: int = terms.LAST_DAY) -> Array:
        """Whether the date of service lies between two days, both included."""
        start = self.lines.service_from_date
        answer: Array = (start >= begin) & (start <= end)
        return answer

    def units(self, low: int, high: int) -> Array:
        """Whether the billed units lie between two numbers, both included."""
        units = self.lines.units
        answer: Array = (units >= low * UNIT_SCALE) & (units <= high * UNIT_SCALE)
        return answer

    @cached_property
    def usable(self) -> Array:
        """No claim of the member was changed afterwards."""
        changed = np.bincount(self.lines.owner, self.lines.changed, len(self.members)) > 0
        return ~changed[self.lines.owner]

    @cached_property
    def member_in_original_medicare(self) -> Array:
        """In Original Medicare; per member, not per line."""
        answer: Array = self.members.book == payers.ORIGINAL_MEDICARE
        return answer

    @cached_property
    def original_medicare(self) -> Array:
        """The member is in Original Medicare."""
        return self.member_in_original_medicare[self.lines.owner]

    @cached_property
    def like_medicare(self) -> Array:
        """Billed with Medicare's codes: Original Medicare or Medicare Advantage."""
        return self.member("like_medicare")

    @cached_property
    def commercial(self) -> Array:
        """Billed with sets and syringes."""
        return ~self.like_medicare

    @cached_property
    def insulin(self) -> Array:
        """Pump insulin."""
        return self.role(INSULIN)

    @cached_property
    def sets(self) -> Array:
        """Infusion sets or weeks of them."""
        return self.role(SETS)

    @cached_property
    def reservoirs(self) -> Array:
        """Reservoirs."""
        return self.role(RESERVOIRS)

    @cached_property
    def sensors(self) -> Array:
        """Glucose sensors, which few rules look at."""
        return self.role(SENSORS)

    @cached_property
    def current_sensors(self) -> Array:
        """Glucose sensors under a code that is still in force."""
        return self.sensors & self.code(terms.A4239)

    @cached_property
    def quiet(self) -> Array:
        """Under codes that few rules look at."""
        return self.reservoirs | self.sensors

    @cached_property
    def pump(self) -> Array:
        """A pump, bought or rented for a month."""
        return self.role(PUMP_LINE)

    @cached_property
    def rental(self) -> Array:
        """A pump rented in Original Medicare."""
        return self.pump & self.original_medicare

    @cached_property
    def pump_therapy(self) -> Array:
        """A pump, its supplies or insulin."""
        return ~self.sensors

    @cached_property
    def medicare_equipment(self) -> Array:
        """Original Medicare, under a code that rules on the place of service are sure to cover."""
        return self.original_medicare & ~self.code(terms.K0553)

    @cached_property
    def separate(self) -> Array:
        """The only line of its claim, and no supply of a fill."""
        return self.alone & (self.sensors | self.pump)

    @cached_property
    def any(self) -> Array:
        """Every line."""
        return np.ones(len(self.lines), np.bool_)

    @cached_property
    def alone(self) -> Array:
        """The only line of its claim."""
        answer: Array = self.lines.lines_in_claim == 1
        return answer

    @cached_property
    def quarterly(self) -> Array:
        """A supply for ninety days, not thirty."""
        answer: Array = self.lines.days == 90
        return answer

    @cached_property
    def monthly(self) -> Array:
        """A supply for thirty days."""
        answer: Array = self.lines.days == 30
        return answer

    @cached_property
    def steady(self) -> Array:
        """The member never refills early."""
        return ~self.member("early")

    @cached_property
    def days_known(self) -> Array:
        """Days of supply are on the line."""
        answer: Array = self.lines.days_supply != MISSING
        return answer

    @cached_property
    def settled(self) -> Array:
        """Other days worked out for this line change nothing for a later fill."""
        return self.lines.latest | self.days_known

    @cached_property
    def insulin_on_claim(self) -> Array:
        """Some line of the claim is insulin."""
        claim = np.cumsum(self.lines.claim_line_number == 1) - 1
        answer: Array = (np.bincount(claim, self.insulin) > 0)[claim]
        return answer

    @cached_property
    def mue_in_force(self) -> Array:
        """Original Medicare in the quarter for which MUE values are at hand."""
        return self.original_medicare & self.served(*terms.MUE_QUARTER)

    @cached_property
    def duration_required(self) -> Array:
        """Pump insulin of Original Medicare that bears JK or JL and has a capped cost share."""
        return self.insulin & self.original_medicare & self.served(terms.DURATION_REQUIRED)

    @cached_property
    def modifiers_used(self) -> Array:
        """Modifier slots in use, filled from the first on (int64)."""
        line = self.lines
        slots = np.stack([line.modifier_1, line.modifier_2, line.modifier_3])
        used: Array = (slots >= 0).sum(axis=0)
        return used

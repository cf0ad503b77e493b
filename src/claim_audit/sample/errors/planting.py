"""How a kind of error changes its hosts: edits of cells, and extra lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from claim_audit.sample import identifiers, terms
from claim_audit.sample.claims import UNIT_SCALE, Lines
from claim_audit.sample.draws import Array, Draws
from claim_audit.sample.errors.hosts import Hosts
from claim_audit.sample.fills import CLAIMS_OF_KIND, CLAIMS_OF_MEMBER, EXTRA

Value = str | int | None | Array
MemberText = Callable[[Array, Array], Array]
"""Ids of persons as text, from their numbers and books."""
Which = Literal["host", "claim", "extra", "both", "batch"]
"""Lines that a rule names: the host, its claim, the line that was added; or none at all."""


@dataclass(frozen=True)
class Edit:
    """New values for cells: a field of the contract, line ids, a value or one for each.

    Numbers are in the scales of `Lines`, dates are days, None is a blank. `as_text` writes text
    into a field of numbers or dates, which only a CSV file can hold.
    """

    field: str
    ids: Array
    value: Value
    as_text: bool = False


class Sheet:
    """The lines of a block, with everything that errors have changed. Extra lines come last."""

    def __init__(self, lines: Lines) -> None:
        self.parts = [lines]
        self.edits: list[Edit] = []
        self.hosts: dict[str, Array] = {}
        self.size = len(lines)

    def add(self, lines: Lines) -> Array:
        """Append lines; returns their ids."""
        ids = np.arange(self.size, self.size + len(lines))
        self.parts.append(lines)
        self.size += len(lines)
        return ids

    def lines(self) -> Lines:
        """All lines, before the edits."""
        return Lines.concat(self.parts)


class Planting:
    """One kind of error and the lines that hold it."""

    def __init__(
        self,
        hosts: Hosts,
        rows: Array,
        sheet: Sheet,
        draws: Draws,
        member_text: MemberText,
    ) -> None:
        self.hosts = hosts
        self.rows = rows
        self.sheet = sheet
        self.draws = draws
        self.line = hosts.lines.take(rows)
        self.member = hosts.members.take(self.line.owner)
        self.extras = np.empty(0, np.int64)
        self._member_text = member_text

    def below(self, purpose: str, limit: int | Array) -> Array:
        """A random number in [0, limit) for each host."""
        return self.draws.below(purpose, self.line.claim, limit)

    def between(self, purpose: str, low: int | Array, high: int | Array) -> Array:
        """A random number in [low, high] for each host."""
        return self.draws.between(purpose, self.line.claim, low, high)

    def one_of(self, purpose: str, *values: str) -> Array:
        """One of some texts for each host."""
        return np.array(values)[self.below(purpose, len(values))]

    def set(self, field: str, value: Value, ids: Array | None = None) -> None:
        """Write a value into a field of the hosts, or of other lines."""
        self.sheet.edits.append(Edit(field, self.rows if ids is None else ids, value))

    def write(self, field: str, text: Value) -> None:
        """Write text into a field of numbers or dates (CSV only)."""
        self.sheet.edits.append(Edit(field, self.rows, text, as_text=True))

    def set_units(self, units: Array | int) -> None:
        """Whole billed units."""
        self.set("units", units * UNIT_SCALE)

    def add_modifier(self, modifier: str) -> None:
        """Write a modifier into the first free slot."""
        used = self.hosts.modifiers_used[self.rows]
        for slot in range(4):
            self.set(f"modifier_{slot + 1}", modifier, self.rows[used == slot])

    def set_dates(self, ids: Array, lines: Lines, shift: Array) -> None:
        """Move all dates of lines by a number of days."""
        for field in ("service_from_date", "service_to_date", "received_date", "paid_date"):
            self.set(field, getattr(lines, field) + shift, ids)

    def share_cost(self, coinsurance: Array | int, deductible: int = 0) -> None:
        """Another coinsurance and deductible, and what is then left to pay, in cents."""
        self.set("coinsurance_amount", coinsurance)
        self.set("deductible_amount", deductible)
        self.set("paid_amount", self.line.allowed_amount - coinsurance - deductible)

    def claim_lines(self) -> tuple[Array, Array]:
        """Ids of all lines of the hosts' claims, and for each the position of its host."""
        counts = self.line.lines_in_claim
        first = self.hosts.lines.claim_begins[self.rows]
        host = np.repeat(np.arange(len(self.rows)), counts)
        within = np.arange(len(host)) - np.repeat(np.cumsum(counts) - counts, counts)
        return first[host] + within, host

    def add_line(self, **fields: Array | int) -> Array:
        """A copy of each host as a further line of its claim; returns the ids."""
        return self._add({"claim_line_number": self.line.lines_in_claim + 1, **fields})

    def add_claim(self, days_later: int | Array, **fields: Array | int) -> Array:
        """A copy of each host as a claim of its own, some days later; returns the ids."""
        claim = self.line.claim // CLAIMS_OF_MEMBER * CLAIMS_OF_MEMBER + EXTRA * CLAIMS_OF_KIND
        line = self.line
        return self._add(
            {
                "claim": claim,
                "claim_line_number": 1,
                "lines_in_claim": 1,
                "service_from_date": line.service_from_date + days_later,
                "service_to_date": line.service_to_date + days_later,
                "received_date": line.received_date + days_later,
                "paid_date": line.paid_date + days_later,
                **fields,
            }
        )

    def _add(self, fields: dict[str, Array | int]) -> Array:
        count = len(self.rows)
        full = {name: np.broadcast_to(value, count) for name, value in fields.items()}
        self.extras = self.sheet.add(replace(self.line, **full))
        return self.extras

    def stranger(self) -> Array:
        """The id of a person who is nobody else in the sample, one for each host."""
        return self._member_text(self.member.number + identifiers.SPARE_MEMBERS, self.member.book)

    def codes(self) -> Array:
        """The hosts' codes as text."""
        return np.array(terms.HCPCS)[self.line.hcpcs_code]

    def ids(self, which: Which) -> Array:
        """The lines that a rule must name."""
        match which:
            case "host":
                return self.rows
            case "claim":
                return self.claim_lines()[0]
            case "extra":
                return self.extras
            case "both":
                return np.concatenate([self.rows, self.extras])
            case "batch":
                return np.empty(0, np.int64)

"""Blocks of a sample: members, their lines, planted errors, cut to the number asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from claim_audit.sample import claims, fills, members
from claim_audit.sample.claims import SETS, Lines
from claim_audit.sample.columns import Columns, person_text
from claim_audit.sample.draws import Array, Draws
from claim_audit.sample.errors.kind import Kind
from claim_audit.sample.errors.plan import Expected, Planner
from claim_audit.sample.errors.planting import Sheet
from claim_audit.sample.layouts import SampleLayout
from claim_audit.sample.members import Members

GROUP = 1000
"""Members whose lines are written together, by the day on which they were received."""
BLOCK = 20 * GROUP
LINES_A_MEMBER = 10
"""Fewer than there are on average; how many members a short sample begins with."""

STARTS = 2**28 // GROUP
"""Groups of members that a sample can begin with. The seed picks one, so that samples of different
seeds share no member and no claim (two small ones do in one of 268,435 cases)."""

FILLERS = 2**29
"""Added to the number of a sample's first member: the first of the members whose single lines make
up the number of lines asked for."""


@dataclass(frozen=True)
class Expectation:
    """What must be found: places in a block, a rule, its severity, and the error behind it."""

    kind: str
    rule: str
    severity: str
    at: Array


@dataclass(frozen=True)
class Block:
    """Some thousand lines in the order in which they are written."""

    columns: Columns
    expected: tuple[Expectation, ...]
    planted: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.columns.lines)


class Generator:
    """Blocks of a sample, one after the other.

    Args:
        layout: what the extract can show, and whose members it holds.
        seed: the same seed gives the same lines.
        kinds: kinds of errors to plant.
        error_rate: errors per line.
        block: members generated at a time, a multiple of `GROUP`; it changes no line.
    """

    def __init__(
        self,
        layout: SampleLayout,
        seed: int,
        kinds: Sequence[Kind],
        error_rate: float,
        block: int = BLOCK,
    ) -> None:
        self.layout = layout
        self.draws = Draws(seed)
        self.block = block
        self.first = GROUP * int(self.draws.below("first member", np.zeros(1), STARTS)[0])
        self.planner = Planner(
            kinds,
            error_rate,
            self.draws,
            lambda numbers, books: person_text(layout, numbers, books),
        )

    def blocks(self, count: int) -> Iterator[Block]:
        """Blocks that hold exactly so many lines together."""
        first, left = self.first, count
        while left:
            size = min(self.block, (left // LINES_A_MEMBER // GROUP + 1) * GROUP)
            lines, people = self._clean(np.arange(first, first + size))
            sheet, expected = self.planner.plant(lines, people)
            block = self._finish(sheet, expected, people, left)
            first, left = first + size, left - len(block)
            yield block

    def _clean(self, numbers: Array) -> tuple[Lines, Members]:
        people = members.generate(numbers, self.draws, self.layout.books)
        billed = fills.generate(people, self.draws)
        shown = "days_supply" in self.layout.fields
        return claims.generate(people, billed, self.draws, show_days=shown), people

    def _finish(self, sheet: Sheet, expected: list[Expected], people: Members, left: int) -> Block:
        lines = sheet.lines()
        whole = _members_that_fit(lines, len(people), left)
        kept = lines.owner < whole
        touched = kept
        if whole < len(people):
            kept = kept | self._part_of(sheet, lines, whole, left - int(np.count_nonzero(kept)))
        order = np.flatnonzero(kept)
        order = order[np.argsort(_arrival(lines, people)[order], kind="stable")]
        place = np.full(len(lines), -1)
        place[order] = np.arange(len(order))
        written = lines.take(order)
        if whole < len(people):
            written, people = self._filled(written, people, left - len(order))
        columns = Columns(written, people, self.layout)
        for edit in sheet.edits:
            inside = touched[edit.ids]
            value = edit.value[inside] if isinstance(edit.value, np.ndarray) else edit.value
            columns.apply(replace(edit, ids=edit.ids[inside], value=value), place[edit.ids[inside]])
        return Block(
            columns,
            tuple(_expectations(expected, lines, people, touched, place)),
            {
                name: int(np.count_nonzero(touched[ids]))
                for name, ids in sheet.hosts.items()
                if touched[ids].any()
            },
        )

    def _part_of(self, sheet: Sheet, lines: Lines, member: int, room: int) -> Array:
        """The member's first claims, without errors, as long as they fit."""
        clean = len(sheet.parts[0])
        own = (lines.owner == member) & (np.arange(len(lines)) < clean)
        ends = np.cumsum(own) - lines.claim_line_number + lines.lines_in_claim
        part: Array = own & (ends <= room)
        return part

    def _filled(self, lines: Lines, people: Members, room: int) -> tuple[Lines, Members]:
        """The lines and some claims of one line each, of members that have nothing else."""
        if not room:
            return lines, people
        fillers = self.first + FILLERS
        own, others = self._clean(np.arange(fillers, fillers + 16 * room))
        first = np.flatnonzero((own.role == SETS) & (own.previous < 0) & ~own.changed)[:room]
        single = own.take(first)
        single = replace(
            single, owner=single.owner + len(people), lines_in_claim=np.ones_like(single.owner)
        )
        return Lines.concat([lines, single]), Members.concat([people, others])


def _members_that_fit(lines: Lines, members_: int, left: int) -> int:
    so_far = np.cumsum(np.bincount(lines.owner, minlength=members_))
    return int(np.searchsorted(so_far, left, side="right"))


def _arrival(lines: Lines, people: Members) -> Array:
    group = people.number[lines.owner] // GROUP
    arrival: Array = group << 16 | (lines.received_date - lines.received_date.min())
    return arrival


def _expectations(
    expected: list[Expected], lines: Lines, people: Members, touched: Array, place: Array
) -> Iterator[Expectation]:
    in_medicare = people.book == 0
    for each in expected:
        ids = each.ids[touched[each.ids]]
        own = in_medicare[lines.owner[ids]]
        raised = each.raised
        for severity, which in (
            (raised.severity, own),
            (raised.elsewhere or raised.severity, ~own),
        ):
            if which.any():
                yield Expectation(each.kind.name, raised.rule, severity, place[ids[which]])

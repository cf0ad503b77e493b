"""Which member gets which kind of error, on which of its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from claim_audit.sample.claims import Lines
from claim_audit.sample.draws import Array, Draws
from claim_audit.sample.errors.hosts import Hosts
from claim_audit.sample.errors.kind import Kind, Raised
from claim_audit.sample.errors.planting import MemberText, Planting, Sheet
from claim_audit.sample.members import Members


@dataclass(frozen=True)
class Expected:
    """Lines of a sheet, by id, that must raise a rule."""

    kind: Kind
    raised: Raised
    ids: Array


def eligible(hosts: Hosts, kinds: Sequence[Kind]) -> list[Array]:
    """Per kind, which lines can hold it."""
    return [kind.where(hosts) & hosts.usable for kind in kinds]


def per_member(hosts: Hosts, lines: Array) -> Array:
    """Whether any of a member's lines is marked."""
    members: Array = np.bincount(hosts.lines.owner[lines], minlength=len(hosts.members)) > 0
    return members


class Planner:
    """Plants errors at a chosen rate, at most one in a member, all kinds about equally often.

    Members come block after block in their order. An error falls due every `1 / rate` lines and
    goes to the next member that can hold one, so what a member gets does not depend on where
    blocks begin.
    """

    def __init__(
        self, kinds: Sequence[Kind], rate: float, draws: Draws, member_text: MemberText
    ) -> None:
        self.kinds = kinds
        self.rate = rate
        self.draws = draws
        self.member_text = member_text
        self._planted = np.zeros(len(kinds))
        self._lines = 0
        self._able = 0
        self._least = 0

    def plant(self, lines: Lines, members: Members) -> tuple[Sheet, list[Expected]]:
        """Plant errors into the lines of a block."""
        sheet = Sheet(lines)
        if not self.kinds or not self.rate:
            return sheet, []
        hosts = Hosts(lines, members)
        can_hold = eligible(hosts, self.kinds)
        choices = np.stack([per_member(hosts, rows) for rows in can_hold], axis=1)
        due = self._due(lines, len(members), np.any(choices, axis=1))
        chosen = self._choose(members, choices, np.flatnonzero(due))
        expected: list[Expected] = []
        for number, (kind, rows) in enumerate(zip(self.kinds, can_hold, strict=True)):
            taken = self._one_line_each(
                np.flatnonzero(rows & (chosen == number)[lines.owner]), hosts
            )
            if not len(taken):
                continue
            planting = Planting(hosts, taken, sheet, self.draws, self.member_text)
            kind.change(planting)
            sheet.hosts[kind.name] = taken
            expected += [Expected(kind, r, planting.ids(r.on)) for r in kind.raises]
        return sheet, expected

    def _choose(self, members: Members, choices: Array, due: Array) -> Array:
        """For each member the kind it gets, or -1: of those it can hold the rarest so far."""
        count = len(self.kinds)
        chosen = np.full(len(members), -1)
        lots = self.draws.unit("kind", members.number[due, None] * count + np.arange(count))
        lots[~choices[due]] = np.inf
        for member, lot in zip(due.tolist(), lots, strict=True):
            kind = int((lot + self._planted).argmin())
            self._planted[kind] += 1
            chosen[member] = kind
        return chosen

    def _due(self, lines: Lines, members: int, able: Array) -> Array:
        """Which members take the errors that have fallen due."""
        so_far = self._lines + np.cumsum(np.bincount(lines.owner, minlength=members))
        able_so_far = self._able + np.cumsum(able)
        due = np.floor(so_far * self.rate).astype(np.int64)
        least = np.minimum.accumulate(np.append(self._least, due - able_so_far))
        taken = able_so_far + least[1:]
        before = np.append(self._able + self._least, taken[:-1])
        self._lines, self._able, self._least = int(so_far[-1]), int(able_so_far[-1]), int(least[-1])
        answer: Array = taken > before
        return answer

    def _one_line_each(self, rows: Array, hosts: Hosts) -> Array:
        owners = hosts.lines.owner[rows]
        first = np.flatnonzero(np.append(True, owners[1:] != owners[:-1])[: len(rows)])
        counts = np.diff(np.append(first, len(rows)))
        numbers = hosts.members.number[owners[first]]
        picked: Array = rows[first + self.draws.below("host", numbers, counts)]
        return picked

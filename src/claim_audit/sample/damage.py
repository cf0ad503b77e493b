"""Damage to a CSV file: records that are none, and records that only look odd.

Damage stands at places that depend on the number of lines alone, so it is known beforehand how
many records and physical lines come before any line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from claim_audit.sample.draws import Array

NOTE_COLUMN: Final = "line_note"
"""The last column of a damaged file, blank but for some damage."""

LONGEST_PERIOD = 1000

Verdict = Literal["reject", "accepted"]


@dataclass(frozen=True)
class Damage:
    """One kind of damage.

    Attributes:
        verdict: whether the record must be rejected or must come through.
        records, lines: how many records and physical lines it adds.
        apply: the text of a record, to what stands in its place (no line end at the end).
    """

    name: str
    verdict: Verdict
    records: int
    lines: int
    apply: Callable[[bytes], bytes]


def _after(bad: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """The record, and a bad one behind it."""
    return lambda record: record + b"\n" + bad(record)


DAMAGES: Final = (
    Damage("too-few-fields", "reject", 1, 1, _after(lambda r: r.rsplit(b",", 4)[0])),
    Damage("too-many-fields", "reject", 1, 1, _after(lambda r: r + b",12,left over")),
    Damage("stray-quote", "reject", 1, 1, _after(lambda r: r.replace(b",", b',"', 1))),
    Damage("nul-byte", "reject", 1, 1, _after(lambda r: r + b"lot\x00number")),
    Damage(
        "cp1252-bytes", "reject", 1, 1, _after(lambda r: r + "Dépôt à Orléans".encode("cp1252"))
    ),
    Damage("blank-line", "accepted", 0, 1, _after(lambda r: b"")),
    Damage("newline-in-a-field", "accepted", 0, 1, lambda r: r + b'"left at the door\nring twice"'),
    Damage("utf-8-text", "accepted", 0, 0, lambda r: r + "Dépôt à Orléans".encode()),
)
"""Every kind of damage inside the file. Those that reject stand behind a good record."""

TRAILER, CUT_OFF = "trailer-record", "cut-off-record"


@dataclass(frozen=True)
class Found:
    """Where damage stands: its name, what becomes of it, the physical line it begins on."""

    name: str
    verdict: Verdict
    line_number: int


class Damager:
    """Damages a CSV file of so many good records, header first."""

    def __init__(self, records: int) -> None:
        self.records = records
        self.period = max(len(DAMAGES) + 1, min(records, LONGEST_PERIOD))
        self.offsets = [
            (number + 1) * self.period // (len(DAMAGES) + 1) for number in range(len(DAMAGES))
        ]

    def _before(self, good: Array, added: Mapping[int, int]) -> Array:
        """How much is added before good records with these positions (from 0)."""
        total = np.zeros_like(good)
        for number, each in added.items():
            total += each * (
                (good - self.offsets[number] + self.period - 1).clip(min=0) // self.period
            )
        return total

    def source_rows(self, good: Array) -> Array:
        """Numbers (from 1) of good records, given their positions (from 0) among themselves."""
        return good + 1 + self._before(good, {n: d.records for n, d in enumerate(DAMAGES)})

    def line_numbers(self, good: Array) -> Array:
        """Physical lines (from 1, header included) on which good records begin."""
        return good + 2 + self._before(good, {n: d.lines for n, d in enumerate(DAMAGES)})

    def damage(self, text: bytes, first: int) -> tuple[bytes, list[Found]]:
        """Damage the records of a block, one a line, the first of them at this position."""
        lines = text.split(b"\n")
        positions = np.arange(first, first + len(lines) - 1)
        found: list[Found] = []
        for number, damage in enumerate(DAMAGES):
            hit = positions[positions % self.period == self.offsets[number] % self.period]
            for position, begins in zip(hit.tolist(), self.line_numbers(hit).tolist(), strict=True):
                lines[position - first] = damage.apply(lines[position - first])
                behind = damage.lines and damage.name != "newline-in-a-field"
                found.append(Found(damage.name, damage.verdict, begins + bool(behind)))
        return b"\n".join(lines), found

    def ending(self, last: bytes) -> tuple[bytes, Iterator[Found]]:
        """A trailer record and the beginning of a record, cut off."""
        end = np.array([self.records])
        line = int(self.line_numbers(end)[0])
        text = b"TRAILER,%012d\n" % self.records + last[: len(last) // 2]
        return text, iter((Found(TRAILER, "reject", line), Found(CUT_OFF, "reject", line + 1)))

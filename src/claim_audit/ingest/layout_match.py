"""A layout against the header of one file: which column feeds which field, and how well it fits.

Header names are compared in lower case, with any run of spaces, hyphens, dots and underscores as
one underscore.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property

from claim_audit import errors
from claim_audit.contract.claim_line import REQUIRED

LAST_RESORT = "generic"
"""The layout that is taken only when it reads more columns than every other one."""

ENOUGH_OF_FILE = 1 / 4
ENOUGH_OF_LAYOUT = 1 / 2
"""A layout is recognised by its header when it reads this share of the file's columns or finds
this share of its own; anything less is too little to start a run on."""

ALIKE = 0.1
"""Layouts that read equally many columns, and whose shares of their own columns differ by less
than this, fit equally well."""

ADJUSTED = ("claim_frequency_code", "cross_reference_claim_id")
"""The fields that the column and the reference of an `Adjustment` become."""

NEAR = 0.6
SHOWN = 3

_SEPARATORS = re.compile(r"[\s\-._]+")
_VALUE = re.compile(
    r"[$(+-]*[0-9][0-9.,/:%() -]*"  # numbers, amounts, dates in digits, identifiers
    r"|[A-Z][0-9]{4}"  # HCPCS codes
    r"|[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}"
)


@dataclass(frozen=True)
class Adjustment:
    """Which cells of a column say original, replacement or void (frequency codes 1, 7, 8)."""

    column: str
    original: tuple[str, ...]
    replacement: tuple[str, ...]
    void: tuple[str, ...]
    reference: str | None


@dataclass(frozen=True)
class Repeat:
    """Claim lines side by side in a record: ``{n}`` in a header stands for the slot, 1 to count."""

    count: int
    columns: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Layout:
    """How one kind of extract says what the contract's fields say."""

    name: str
    title: str
    source: str
    delimiter: str | None
    quote: str | None
    encoding: str | None
    date_formats: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    fallback: dict[str, str]
    constants: dict[str, str]
    joined_modifiers: tuple[str, ...]
    adjustment: Adjustment | None
    repeat: Repeat | None


@dataclass(frozen=True)
class LayoutMatch:
    """A layout with the headers of one file in place of its alternatives.

    ``columns`` and ``fallback`` map a field to a header, ``repeat`` a slot to such a map; every
    header is written as the file writes it. ``unmatched`` are the headers that nobody reads, in
    the file's order.
    """

    layout: Layout
    columns: dict[str, str]
    fallback: dict[str, str]
    joined_modifiers: str | None
    adjustment_column: str | None
    adjustment_reference: str | None
    repeat: dict[int, dict[str, str]]
    unmatched: tuple[str, ...]

    def headers(self) -> set[str]:
        """Every header of the file that is read for some purpose."""
        single = (self.joined_modifiers, self.adjustment_column, self.adjustment_reference)
        slots = (column for slot in self.repeat.values() for column in slot.values())
        named = {*self.columns.values(), *self.fallback.values(), *slots, *single}
        return {column for column in named if column is not None}

    def fields(self) -> set[str]:
        """Every field that gets a column of its own or a constant."""
        slots = (field for slot in self.repeat.values() for field in slot)
        adjusted = zip(ADJUSTED, (self.adjustment_column, self.adjustment_reference), strict=True)
        return {
            *self.columns,
            *self.layout.constants,
            *slots,
            *(field for field, column in adjusted if column is not None),
        }


@dataclass(frozen=True)
class Fit:
    """How well a layout fits a header of ``size`` columns: columns read, share of its own found."""

    match: LayoutMatch
    size: int

    @cached_property
    def read(self) -> int:
        """How many of the file's columns are read."""
        return len(self.match.headers())

    @cached_property
    def share(self) -> float:
        """How much of what the layout maps is in the file, from 0 to 1."""
        layout, match = self.match.layout, self.match
        wide = layout.repeat.count * len(layout.repeat.columns) if layout.repeat else 0
        found = len(match.columns) + sum(map(len, match.repeat.values()))
        return found / max(1, len(layout.columns) + wide)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The required fields that get neither a column nor a constant."""
        return tuple(field for field in REQUIRED if field not in self.match.fields())

    @property
    def rank(self) -> tuple[int, bool]:
        """More columns read is better; of equals, the last resort is worse."""
        return self.read, self.match.layout.name != LAST_RESORT

    @property
    def enough(self) -> bool:
        """Whether the header alone is reason enough to read the file by this layout."""
        return not self.missing and (
            self.read >= ENOUGH_OF_FILE * self.size or self.share >= ENOUGH_OF_LAYOUT
        )

    def same_reading(self, other: Fit) -> bool:
        """Whether claim lines would come out the same, whatever the layouts are called."""
        return _reading(self.match) == _reading(other.match)


def _reading(match: LayoutMatch) -> LayoutMatch:
    """A match without what its layout is called and which alternatives it offered."""
    bare = replace(match.layout, name="", title="", source="", columns={}, fallback={})
    return replace(match, layout=replace(bare, joined_modifiers=(), repeat=None))


def normalise(header: str) -> str:
    """The form in which two header names are compared."""
    return _SEPARATORS.sub("_", header.strip().lower()).strip("_")


def apply(layout: Layout, header: Sequence[str]) -> LayoutMatch:
    """Put the file's headers into a layout, without judging whether they are enough.

    Of alternatives the first that the file has is taken. A field whose own column is absent is
    read from its fallback column. A slot without a procedure code column is no slot.
    """
    actual: dict[str, str] = {}
    for column in filter(normalise, header):
        actual.setdefault(normalise(column), column)

    def first(alternatives: Iterable[str | None]) -> str | None:
        keys = (normalise(name) for name in alternatives if name)
        return next((actual[key] for key in keys if key in actual), None)

    def find(wanted: Mapping[str, Iterable[str]]) -> dict[str, str]:
        pairs = ((field, first(alternatives)) for field, alternatives in wanted.items())
        return {field: column for field, column in pairs if column is not None}

    own = find(layout.columns)
    fallback = find({field: (column,) for field, column in layout.fallback.items()})
    repeat = layout.repeat or Repeat(0, {})
    slots = {
        n: find({f: [p.replace("{n}", str(n)) for p in ps] for f, ps in repeat.columns.items()})
        for n in range(1, repeat.count + 1)
    }
    match = LayoutMatch(
        layout=layout,
        columns=fallback | own,
        fallback={field: column for field, column in fallback.items() if field in own},
        joined_modifiers=first(layout.joined_modifiers),
        adjustment_column=first([layout.adjustment.column]) if layout.adjustment else None,
        adjustment_reference=first([layout.adjustment.reference]) if layout.adjustment else None,
        repeat={n: slot for n, slot in slots.items() if "hcpcs_code" in slot},
        unmatched=(),
    )
    read = match.headers()
    return replace(match, unmatched=tuple(column for column in header if column not in read))


def match(
    name: str, header: tuple[str, ...], layouts: Mapping[str, Layout], chosen: Layout | None
) -> LayoutMatch:
    """Decide which layout reads a file, and which of its columns feed which field.

    Without a chosen layout the header decides: the layout that reads most of the file's columns
    wins, `LAST_RESORT` only where no other reads as many. ``name`` is what messages call the file.

    Raises:
        ClaimAuditError: no layout fits, two fit equally well and read differently, a required
            field has no column, or a header that is read occurs twice.
    """
    found = _chosen(name, header, chosen) if chosen else _recognised(name, header, layouts)
    occurrences = Counter(map(normalise, header))
    twice = sorted(c for c in found.headers() if occurrences[normalise(c)] > 1)
    if twice:
        raise errors.layout_header_twice(name, twice)
    return found


def _chosen(name: str, header: tuple[str, ...], layout: Layout) -> LayoutMatch:
    fit = Fit(apply(layout, header), len(header))
    if fit.missing:
        refuse_data(name, header, [fit])
        gaps = [f"{field}{_clues(field, fit.match)}" for field in fit.missing]
        raise errors.layout_column_missing(name, layout.name, gaps, REQUIRED)
    return fit.match


def _recognised(name: str, header: tuple[str, ...], layouts: Mapping[str, Layout]) -> LayoutMatch:
    fits = [Fit(apply(layouts[key], header), len(header)) for key in sorted(layouts)]
    enough = [fit for fit in fits if fit.enough]
    if not enough:
        refuse_data(name, header, fits)
        some = [fit for fit in fits if fit.read]
        closest = sorted(some, key=lambda fit: (len(fit.missing), -fit.read))[:SHOWN]
        raise errors.layout_not_recognised(name, [_describe(fit) for fit in closest], REQUIRED)
    best = max(enough, key=lambda fit: (fit.rank, fit.share))
    rivals = [
        fit
        for fit in enough
        if fit.rank == best.rank and best.share - fit.share < ALIKE and not fit.same_reading(best)
    ]
    if rivals:
        raise errors.layout_ambiguous(name, _side_by_side([best, *rivals]))
    return best.match


def _describe(fit: Fit) -> str:
    """One candidate in a message: counts, what is missing and what the file has instead."""
    gaps = [f"{field} missing{_clues(field, fit.match)}" for field in fit.missing]
    reads = f"{fit.match.layout.name} reads {fit.read} of {fit.size} columns"
    return ", ".join([reads, *gaps])


def _side_by_side(fits: Sequence[Fit]) -> list[str]:
    """Candidates that fit alike, each with the columns it reads otherwise than the others."""
    maps = [fit.match.columns for fit in fits]
    fields = sorted({field for columns in maps for field in columns})
    apart = [field for field in fields if len({columns.get(field) for columns in maps}) > 1]
    return [
        ", ".join(
            [
                _describe(fit),
                *(f"{f} from {columns[f]!r}" for f in apart[:SHOWN] if f in columns),
            ]
        )
        for fit, columns in zip(fits, maps, strict=True)
    ]


def _clues(field: str, match: LayoutMatch) -> str:
    """In brackets, the header that a layout wants for a field, and what comes near in the file."""
    repeat = match.layout.repeat.columns if match.layout.repeat else {}
    wanted = match.layout.columns.get(field) or repeat.get(field, ())
    near = near_headers(field, match)
    clues = [
        *(f"looks for {name!r}" for name in wanted[:1] if normalise(name) != field),
        *([f"nearest: {', '.join(map(repr, near))}"] if near else []),
    ]
    return f" ({'; '.join(clues)})" if clues else ""


def refuse_data(name: str, header: Sequence[str], fits: Iterable[Fit]) -> None:
    """Stop at a file that begins with data, before its first line reaches a message.

    Raises:
        ClaimAuditError: more columns have the shape of a cell (a number, an amount, a date, a
            code) than any of ``fits`` reads.
    """
    values = sum(_VALUE.fullmatch(column.strip()) is not None for column in header)
    if values > max(1, max((fit.read for fit in fits), default=0)):
        raise errors.layout_header_is_data(name, len(header))


def near_headers(field: str, match: LayoutMatch) -> list[str]:
    """Unread headers that look most like the field or one of the layout's names for it."""
    repeat = match.layout.repeat.columns if match.layout.repeat else {}
    spellings = [field, *match.layout.columns.get(field, ()), *repeat.get(field, ())]
    scored = [
        (max(likeness(column, spelling) for spelling in spellings), column)
        for column in match.unmatched
    ]
    near = sorted((-score, column) for score, column in scored if score >= NEAR)
    return [column for _, column in near[:SHOWN]]


def likeness(one: str, two: str) -> float:
    """How alike two names are once normalised, from 0 to 1."""
    return SequenceMatcher(None, normalise(one), normalise(two)).ratio()

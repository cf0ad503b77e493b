"""Kinds of line: what hangs on codes alone is worked out once per kind, not once per line.

What tables and most rules ask of a line are its marks: HCPCS code, modifiers, place of service and
frequency code, who pays and in which setting, what its diagnoses are, and the era of its date of
service. Lines with the same marks are of one kind. There are far fewer kinds than lines, so facts
and verdicts that look at marks only are worked out per kind, counted as often as the kind has
lines, and looked up where a line needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, or_

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, MODIFIERS, POINTERS
from claim_audit.contract.survey import PAYER_COLUMNS
from claim_audit.lookup import Numbered, gathered, row_of
from claim_audit.rules import dx
from claim_audit.rules.line import PAYER_NUMBER, SETTINGS, Line

FIELDS = ("hcpcs_code", *MODIFIERS, "place_of_service", "claim_frequency_code")
"""Fields whose values are marks."""

MARKED = frozenset({*FIELDS, *PAYER_COLUMNS})
"""Fields that are the same on all lines of a kind."""

STATED_SETTINGS: Mapping[str, str] = {
    "81": "dme",
    "82": "dme",
    "M": "dme",
    "71": "practitioner",
    "72": "practitioner",
    "O": "practitioner",
    "40": "outpatient_hospital",
    "INSTITUTIONAL": "outpatient_hospital",
    "DME": "dme",
    "PRACTITIONER": "practitioner",
    "OUTPATIENT_HOSPITAL": "outpatient_hospital",
}
"""Claim types (NCH, Tuva and our own words) to the setting whose MUE edition applies; DMEPOS codes
on any other claim are taken as billed by a DME supplier."""

CLAIM_TYPES = ("claim_type", "claim_type_code")
"""Fields that say by their value in which setting a claim was billed."""

_WORD = 2**64


@dataclass(frozen=True)
class Kinds:
    """The kinds of some lines.

    Attributes:
        of_lines: per line, in their order, the number of its kind, `kind` (UInt32), and its marks
            packed in words (see `words`).
        table: per kind, in the order of their numbers, how many lines are of it, `n` (UInt32), its
            marks, and the fields among these as text.
    """

    of_lines: pl.DataFrame
    table: pl.DataFrame


def kinds(lines: pl.LazyFrame, line: Line) -> Kinds:
    """The kinds of claim lines (see `contract.cells.claim_lines`)."""
    packed = words(line)
    each = marked(lines, line).select(**packed).collect()
    found = each.group_by(list(packed)).agg(pl.len().alias("n")).with_row_index("kind")
    numbers = found.select("kind", *packed)
    return Kinds(
        of_lines=each.join(numbers, on=list(packed), how="left", maintain_order="left"),
        table=found.select("n", *_unpacked(line)).with_columns(
            line.coded[field].fact(line.coded[field].values).alias(field) for field in FIELDS
        ),
    )


def marked(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    """Claim lines with their marks beside."""
    coded = (*MARKED, *CLAIM_TYPES, "bill_type", *DIAGNOSES, *POINTERS)
    return lines.with_columns(line.number(field) for field in coded).with_columns(
        _payer(line),
        _stated_setting(line),
        line.eras.number(pl.col("service_from_date")).alias(line.eras.numbered.column),
        *_diagnoses(line),
    )


def words(line: Line) -> dict[str, pl.Expr]:
    """The marks of a line, packed in unsigned 64-bit words, by the names of these."""
    return {
        word: reduce(
            add,
            (
                pl.col(mark).cast(pl.UInt64) * pl.lit(stride, pl.UInt64)
                for mark, stride, _ in places
            ),
        )
        for word, places in _layout(line).items()
    }


def _unpacked(line: Line) -> Iterator[pl.Expr]:
    for word, places in _layout(line).items():
        for mark, stride, size in places:
            place = pl.col(word) // pl.lit(stride, pl.UInt64) % size
            yield place.cast(pl.UInt32).alias(mark)


def _layout(line: Line) -> dict[str, list[tuple[str, int, int]]]:
    """Per word: the marks in it, their strides, and how many values each can have."""
    layout: dict[str, list[tuple[str, int, int]]] = {}
    filled = _WORD
    for mark in _marks(line):
        size = len(mark.values) + 1
        if filled * size > _WORD:
            layout[f"marks_{len(layout)}"] = places = []
            filled = 1
        places.append((mark.column, filled, size))
        filled *= size
    return layout


def _marks(line: Line) -> list[Numbered]:
    return [
        *(line.coded[field] for field in FIELDS),
        line.payer_facts["payer"],
        line.stated_setting,
        line.eras.numbered,
        line.dx_flags,
        line.dx_all_flags,
    ]


def _payer(line: Line) -> pl.Expr:
    payers = line.profile.payers
    stated = {name: line.coded[name] for name in PAYER_COLUMNS}
    return row_of(payers, stated).fill_null(payers.height).alias(PAYER_NUMBER)


def _stated_setting(line: Line) -> pl.Expr:
    numbers = {name: number for number, name in enumerate(SETTINGS)}
    meaning = {code: numbers[name] for code, name in STATED_SETTINGS.items()}
    says = (
        pl.col("value")
        .str.to_uppercase()
        .replace_strict(meaning, default=None, return_dtype=pl.UInt32)
    )
    fields = (line.coded[field] for field in CLAIM_TYPES)
    institutional = pl.when(pl.col("bill_type").is_not_null()).then(
        pl.lit(numbers["outpatient_hospital"], pl.UInt32)
    )
    stated = (cells.fact(cells.about(says)) for cells in fields)
    nothing = pl.lit(len(SETTINGS), pl.UInt32)
    return pl.coalesce(*stated, institutional, nothing).alias(line.stated_setting.column)


def _diagnoses(line: Line) -> Iterator[pl.Expr]:
    """What the diagnoses are that the line points to (else all), and what all are (see `Dx`)."""
    marks, nothing = dx.flags(line.reference["diagnosis_support"]), pl.lit(0, pl.UInt16)
    flags = {
        field: line.coded[field].fact(line.coded[field].about(marks), blank=0)
        for field in DIAGNOSES
        if field in line.profile.mapped
    }
    every = reduce(or_, flags.values(), nothing)
    pointed = _pointed(line, flags)
    on_line = flags.get("line_diagnosis_code", nothing)
    considered = (
        pl.when(on_line != 0).then(on_line).when(pointed != 0).then(pointed).otherwise(every)
    )
    for seen, word in ((line.dx_flags, considered), (line.dx_all_flags, every)):
        places = pl.Series(range(len(seen.values)), dtype=pl.UInt32)
        table = pl.zeros(dx.WORDS, pl.UInt32, eager=True).scatter(seen.values, places)
        yield gathered(table, word).alias(seen.column)


def _pointed(line: Line, flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """The flags of the diagnoses that the line's pointers (1..12 or A..L) name."""
    numbers = {str(n): n for n in range(1, 13)} | {chr(64 + n): n for n in range(1, 13)}
    pointers = [line.coded[name] for name in POINTERS if name in line.profile.mapped]
    if not pointers:
        return pl.lit(0, pl.UInt16)
    bits = {pointer: 1 << n for pointer, n in numbers.items()}
    bit = pl.col("value").replace_strict(bits, default=0, return_dtype=pl.UInt16)
    word = reduce(or_, (pointer.fact(pointer.about(bit), blank=0) for pointer in pointers))
    return reduce(
        or_,
        (
            pl.when(word & pl.lit(1 << n, pl.UInt16) != 0)
            .then(flags.get(f"diagnosis_code_{n}", pl.lit(0, pl.UInt16)))
            .otherwise(pl.lit(0, pl.UInt16))
            for n in range(1, 13)
        ),
    )

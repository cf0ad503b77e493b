"""Kinds of line: what hangs on codes alone is worked out once per kind, not once per line.

What tables and most rules ask of a line are its marks: HCPCS code, modifiers, place of service and
frequency code, who pays and in which setting, what its diagnoses are, and the eras of its dates of
service and receipt. Lines with the same marks are of one kind. There are far fewer kinds than
lines, so facts and verdicts that look at marks only are worked out per kind, counted as often as
the kind has lines, and looked up where a line needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, MODIFIERS, POINTERS
from claim_audit.contract.survey import PAYER_COLUMNS
from claim_audit.lookup import gathered, row_of
from claim_audit.rules import alike, dx
from claim_audit.rules.eras import RECEIVED
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

_WORD = 2**63


class Marks:
    """The marks of a run's lines: how they are worked out, and packed in a few integers.

    Attributes:
        words: the marks of a line, packed in unsigned 64-bit words, by the names of these.
    """

    def __init__(self, line: Line) -> None:
        self._fields = {field: line.coded[field] for field in FIELDS}
        coded = (*FIELDS, *PAYER_COLUMNS, *CLAIM_TYPES, "bill_type", *DIAGNOSES, *POINTERS)
        self._numbers = partial(line.numbered, coded)
        self._marks = [
            _payer(line),
            _stated_setting(line),
            line.eras.number(pl.col("service_from_date")).alias(line.eras.numbered.column),
            line.receipt_eras.number(RECEIVED).alias(line.receipt_eras.numbered.column),
            *_diagnoses(line),
        ]
        numbered = [
            *self._fields.values(),
            line.payer_facts["payer"],
            line.stated_setting,
            line.eras.numbered,
            line.receipt_eras.numbered,
            line.dx_flags,
            line.dx_all_flags,
        ]
        word, filled = "marks_0", 1
        self.words = {word: pl.lit(0, pl.UInt64)}
        self._unpacked: list[pl.Expr] = []
        for mark in numbered:
            size = len(mark.values) + 1
            if filled * size > _WORD:
                word, filled = f"marks_{len(self.words)}", 1
                self.words[word] = pl.lit(0, pl.UInt64)
            stride = pl.lit(filled, pl.UInt64)
            self.words[word] += pl.col(mark.column).cast(pl.UInt64) * stride
            place = pl.col(word) // stride % size
            self._unpacked.append(place.cast(pl.UInt32).alias(mark.column))
            filled *= size

    def on(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """Claim lines with their marks beside."""
        return self._numbers(lines).with_columns(self._marks)

    def unpacked(self, kinds: pl.DataFrame) -> pl.DataFrame:
        """`n` of kinds, whose marks are packed, with their marks, and the fields among these."""
        return kinds.select("n", *self._unpacked).with_columns(
            cells.fact(cells.values).alias(field) for field, cells in self._fields.items()
        )


@dataclass(frozen=True)
class Kinds:
    """The kinds of some lines.

    Attributes:
        of_lines: per line, in their order, the number of its kind, `kind` (UInt32), and `marks`
            (UInt64), a fingerprint of its marks that is the same whichever lines are beside.
        table: per kind, in the order of their numbers, how many lines are of it, `n` (UInt32), its
            marks, and the fields among these as text.
    """

    of_lines: pl.DataFrame
    table: pl.DataFrame


def kinds(lines: pl.LazyFrame, marks: Marks) -> Kinds:
    """The kinds of claim lines (see `contract.cells.claim_lines`)."""
    words = list(marks.words)
    each = marks.on(lines).select(**marks.words).collect().rechunk()
    groups = each.lazy().group_by(words).agg(pl.len().alias("n"))
    found = groups.collect().with_row_index("kind")
    return Kinds(
        of_lines=each.join(found, on=words, how="left", maintain_order="left").select(
            "kind", alike.fingerprint(words).alias("marks")
        ),
        table=marks.unpacked(found),
    )


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

"""What a diagnosis code is, as flags on a line.

`dx_flags` holds the flags of the diagnoses the line points to (else of all), `dx_all_flags`
those of all on the line.
"""

from __future__ import annotations

from datetime import date
from enum import IntFlag
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, POINTERS, SHAPES

if TYPE_CHECKING:
    from claim_audit.reference.intervals import IntervalTable

ICD_10_FROM: Final = date(2015, 10, 1)
"""From this date of service on diagnoses are coded in ICD-10-CM (45 CFR 162.1002)."""

MAPPED: Final = "|".join(("diagnosis_code_1", "line_diagnosis_code", "principal_diagnosis"))
"""What a file must have one of for its lines to be judged by their diagnoses."""


class Dx(IntFlag):
    """What a diagnosis code is."""

    DIABETES = 1
    PREGNANCY_DIABETES = 2
    MEDICARE_LISTED = 4
    STATUS_ONLY = 8
    OTHER = 16
    MISSHAPEN = 32
    DOTTED = 64
    UNDOTTED_LONG = 128
    ICD_9_STYLE = 256
    PUMP_PRESENT = 512

    def on(self, flags: str = "dx_flags") -> pl.Expr:
        """Whether one of the line's diagnoses is this."""
        return pl.col(flags) & pl.lit(int(self), pl.UInt16) != 0


WORDS: Final = 2 ** len(Dx)
"""How many words of flags there are."""


def flags(support: IntervalTable) -> pl.Expr:
    """What a diagnosis code (`value`) is (UInt16), with the table of diagnoses that support."""
    value = pl.col("value")
    bare = value.str.replace_all(".", "", literal=True)
    family = bare.str.slice(0, 3)
    listed = support.frame.filter(support="medicare_group1")["diagnosis_code"].implode()
    diabetes = family.is_in(["E08", "E09", "E10", "E11", "E12", "E13"])
    pregnancy = family == "O24"
    status = bare.is_in(["Z794", "Z9641"])
    shape = SHAPES["icd-10-cm"](value)
    marks = {
        Dx.DIABETES: diabetes,
        Dx.PREGNANCY_DIABETES: pregnancy,
        Dx.MEDICARE_LISTED: bare.is_in(listed),
        Dx.STATUS_ONLY: status,
        Dx.PUMP_PRESENT: bare == "Z9641",
        Dx.OTHER: ~(diabetes | pregnancy | status),
        Dx.MISSHAPEN: ~shape,
        Dx.DOTTED: value.str.contains(".", literal=True),
        Dx.UNDOTTED_LONG: shape & (bare.str.len_bytes() > 3) & (bare == value),
        Dx.ICD_9_STYLE: value.str.contains(
            r"\A(?:[0-9]{3}[.]?[0-9]{0,2}|E[0-9]{3}[.]?[0-9]?|V[0-9]{2}[.]?[0-9]{0,2})\z"
        )
        & ~shape,
    }
    return reduce(or_, (mark.cast(pl.UInt16) * int(flag) for flag, mark in marks.items())).cast(
        pl.UInt16
    )


def words(support: IntervalTable, codes: pl.Series) -> pl.Series:
    """Every word of flags (UInt16) that several of these diagnosis codes can come to, sorted."""
    found = {0}
    for word in codes.to_frame("value").select(flags(support)).to_series().unique():
        found |= {word | other for other in found}
    return pl.Series(sorted(found), dtype=pl.UInt16)


def codes() -> pl.Expr:
    """The diagnoses of a line in words: its own, those of the claim, and the pointers to them."""
    claim = pl.concat_list([name for name in DIAGNOSES if name != "line_diagnosis_code"])
    parts = {
        "line": pl.col("line_diagnosis_code"),
        "claim": claim.list.drop_nulls().list.unique(maintain_order=True).list.join(" "),
        "pointers": pl.concat_str(POINTERS, separator=" ", ignore_nulls=True),
    }
    named = [
        pl.when(part.str.len_bytes() > 0).then(pl.format(f"{name} {{}}", part))
        for name, part in parts.items()
    ]
    return pl.concat_str(named, separator="; ", ignore_nulls=True)

"""The profile: small tables about the batch, known before any line is judged.

It is the sum of the files' surveys. What concerns more than one member comes from here and
from nowhere else, so that lines can be judged in any partition by member. A file without a claim
line has no rows in any table, so that nothing is said of columns and names that nobody filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from claim_audit.contract.cells import Reader, cleaned
from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.contract.mapping import mapped_fields
from claim_audit.contract.survey import PAYER_COLUMNS, Survey
from claim_audit.reference import payers

if TYPE_CHECKING:
    from claim_audit.ingest import SourceFile
    from claim_audit.reference.tables import Reference


@dataclass(frozen=True)
class FileProfile:
    """A file's number and name, its claim lines, and the fields it maps."""

    number: int
    name: str
    lines: int
    mapped: frozenset[str]


@dataclass(frozen=True)
class Profile:
    """Small tables about the batch.

    Attributes:
        files: one entry per source file, by number.
        as_of: the day the audit takes for today.
        columns: `file` (String), `field`, `lines`, `blank`, `decorated` (UInt32), `constant`.
        unread: fields with cells whose text may have to be kept, since it cannot be read as it is.
        values: per coded field its distinct values, cleaned, blanks left out.
        payers: per distinct combination of the payer columns (`PAYER_COLUMNS`, cleaned):
            `payer`, `lob`, `licensee`, `recognised`, `ambiguous`, `stated`, `how`, `lines`.
        date_formats: `file`, `field`, `format` (null: unreadable), `lines`.
    """

    files: tuple[FileProfile, ...]
    as_of: date
    columns: pl.DataFrame
    unread: frozenset[str]
    values: Mapping[str, pl.Series]
    payers: pl.DataFrame
    date_formats: pl.DataFrame

    @cached_property
    def lines(self) -> int:
        """Claim lines in all files."""
        return sum(file.lines for file in self.files)

    @cached_property
    def mapped(self) -> frozenset[str]:
        """Fields that at least one file maps, whichever slot for modifiers of one column."""
        fields = frozenset[str]().union(*(file.mapped for file in self.files))
        return fields | set(MODIFIERS) if "modifier" in self.values else fields

    def files_mapping(self, field: str) -> Sequence[int]:
        """Numbers of the files that map `field`."""
        return [file.number for file in self.files if field in file.mapped]

    def occurs(self, field: str, values: Sequence[str]) -> bool:
        """Whether one of `values` stands anywhere in the coded `field`."""
        column = self.values.get(field)
        return column is not None and bool(column.is_in(values).any())


def profile(
    files: Sequence[SourceFile],
    surveys: Sequence[Survey],
    reference: Reference,
    *,
    as_of: date,
    bare_medicare: str,
) -> Profile:
    """Add the surveys of the files up to the profile of the batch."""
    pairs = list(zip(files, surveys, strict=True))
    named = [
        survey.columns.select(
            pl.lit(file.name).alias("file"),
            "field",
            pl.lit(survey.lines, pl.UInt32).alias("lines"),
            "blank",
            "decorated",
            "constant",
        )
        for file, survey in pairs
    ]
    readers = [Reader(file, survey) for file, survey in pairs]
    formats = [
        reader.date_formats().select(pl.lit(reader.file.name).alias("file"), pl.all())
        for reader in readers
    ]
    return Profile(
        files=tuple(
            FileProfile(file.number, file.name, survey.lines, mapped_fields(file.match))
            for file, survey in pairs
        ),
        as_of=as_of,
        columns=pl.concat(named).filter(pl.col("lines") > 0),
        unread=frozenset[str]().union(*(reader.unread() for reader in readers)),
        values=_values(readers),
        payers=_payers(pairs, reference, bare_medicare),
        date_formats=pl.concat(formats).filter(pl.col("lines") > 0),
    )


def _values(readers: Sequence[Reader]) -> Mapping[str, pl.Series]:
    seen: dict[str, list[pl.Series]] = {}
    for reader in readers:
        for field, values in reader.distinct_values().items():
            seen.setdefault(field, []).append(values.rename("value"))
    return {field: pl.concat(parts).unique().sort() for field, parts in seen.items()}


def _payers(
    pairs: Sequence[tuple[SourceFile, Survey]], reference: Reference, bare_medicare: str
) -> pl.DataFrame:
    def of_file(file: SourceFile, survey: Survey) -> pl.DataFrame:
        constants = file.match.layout.constants
        return survey.payers.select(
            *(
                cleaned(name).alias(name)
                if name in survey.payers.columns
                else pl.lit(constants.get(name), pl.String).alias(name)
                for name in PAYER_COLUMNS
            ),
            "lines",
        )

    names = (
        pl.concat([of_file(file, survey).cast({"lines": pl.UInt32}) for file, survey in pairs])
        .filter(pl.col("lines") > 0)
        .group_by(PAYER_COLUMNS)
        .agg(pl.col("lines").sum())
        .sort(PAYER_COLUMNS)
    )
    return payers.resolve(names, reference, bare_medicare)

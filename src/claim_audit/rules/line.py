"""What a rule can say of a claim line, in the field's words.

A `Line` hands out expressions. Sets of codes and of modifiers are tested on integer bit words:
every code and modifier that some rule or policy names gets a bit when it is first named, and
the facts (see `engine.facts`) give each line its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, FIELDS, MODIFIERS
from claim_audit.contract.mapping import file_number
from claim_audit.contract.survey import LISTED
from claim_audit.lookup import Numbered, number_of
from claim_audit.rules import dx
from claim_audit.rules.eras import ERA, RECEIPT_ERA, Eras
from claim_audit.rules.families import PUMP_THERAPY

if TYPE_CHECKING:
    from claim_audit.reference.tables import Reference
    from claim_audit.rules.profile import Profile

PAYER_NUMBER = "payer__no"
"""Column of the lines: the number of the row of `Profile.payers` that the line's payer has."""

ORIGINAL, REPLACEMENT, VOID = "1", "7", "8"
"""Claim frequency codes (CLM05-3) that rules speak of."""

SETTINGS = ("dme", "practitioner", "outpatient_hospital")
"""In which setting a claim is billed: by a DME supplier, a practitioner, a hospital."""

WORD = 63
"""Bits used of an unsigned 64-bit word."""


def any_of(conditions: Iterable[pl.Expr]) -> pl.Expr:
    """True where one of the conditions is; false for none."""
    return reduce(or_, conditions, pl.lit(False))


def any_known(*conditions: pl.Expr) -> pl.Expr:
    """True where one of the conditions is; null where none of them is known."""
    known = any_of(condition.is_not_null() for condition in conditions)
    return pl.when(known).then(any_of(condition.fill_null(False) for condition in conditions))


def all_of(conditions: Iterable[pl.Expr]) -> pl.Expr:
    """True where all of the conditions are; true for none."""
    return reduce(and_, conditions, pl.lit(True))


def steps(field: str) -> pl.Expr:
    """A decimal field as a whole number (Int64) of its last digit: money in cents, quantities in
    1/10,000. To make a float of it takes Polars several times as long.
    """
    exact = pl.col(field).cast(FIELDS[field].dtype)
    return exact.to_physical().cast(pl.Int64, wrap_numerical=True)


ONE_UNIT, ONE_DOLLAR = 10_000, 100
"""Steps of one unit of service, and of one US dollar."""


def later(day: pl.Expr, days: int | pl.Expr) -> pl.Expr:
    """The date that lies `days` behind a date."""
    return (day.to_physical() + days).cast(pl.Date)


class BitSet:
    """Tokens as bits of the words `<name>_0`, `<name>_1`, …; a bit is given on first use.

    Once the words were joined to lines no further token can be named: name them when the rule
    is compiled, not inside `find`.
    """

    def __init__(self, name: str, tokens: Iterable[str]) -> None:
        self.name = name
        self.bits = {token: bit for bit, token in enumerate(tokens)}
        self.closed = False

    def _masks(self, tokens: Iterable[str]) -> dict[str, int]:
        masks: dict[str, int] = {}
        for token in tokens:
            if self.closed and token not in self.bits:
                raise LookupError(f"{token} is first named when the {self.name} are in use")
            word, bit = divmod(self.bits.setdefault(token, len(self.bits)), WORD)
            column = f"{self.name}_{word}"
            masks[column] = masks.get(column, 0) | 1 << bit
        return masks

    def any(self, tokens: Iterable[str]) -> pl.Expr:
        """Whether the line has one of the tokens."""
        return any_of(
            pl.col(column) & pl.lit(mask, pl.UInt64) != 0
            for column, mask in self._masks(tokens).items()
        )

    def count(self, tokens: Iterable[str]) -> pl.Expr:
        """How many different ones of the tokens the line has (UInt32)."""
        return pl.sum_horizontal(
            (pl.col(column) & pl.lit(mask, pl.UInt64)).bitwise_count_ones()
            for column, mask in self._masks(tokens).items()
        )

    @property
    def columns(self) -> Sequence[str]:
        """The word columns in use."""
        return [f"{self.name}_{word}" for word in range(-(-len(self.bits) // WORD))]

    def table(self) -> pl.DataFrame:
        """`value` (String) and one UInt64 word per column, a row per token; closes the set."""
        self.closed = True
        rows = [
            {"value": token}
            | {c: (1 << bit % WORD) * (w == bit // WORD) for w, c in enumerate(self.columns)}
            for token, bit in self.bits.items()
        ]
        return pl.DataFrame(
            rows, schema={"value": pl.String} | dict.fromkeys(self.columns, pl.UInt64)
        )


class Line:
    """The vocabulary of one run's rules: reference and profile are at hand, cells are not."""

    def __init__(self, reference: Reference, profile: Profile) -> None:
        self.reference = reference
        self.profile = profile
        self.codes = BitSet("code_bits", PUMP_THERAPY)
        self.modifiers = BitSet("modifier_bits", ("JK", "JL"))
        self.eras = Eras(ERA, (day for of in reference.tables.values() for day in of.first_days))
        self.receipt_eras = Eras(RECEIPT_ERA)
        self.stated_setting = Numbered("stated_setting__no", pl.Series(SETTINGS))
        self.setting = Numbered("setting__no", pl.Series(SETTINGS))
        self.own_facts: dict[str, pl.Expr] = {}
        self.payer_facts = {
            fact: Numbered(PAYER_NUMBER, profile.payers[fact])
            for fact in ("payer", "lob", "licensee")
        }

    def named(self, name: str, fact: pl.Expr) -> str:
        """The column of a fact that rules look at several times; every call names another."""
        column = f"{name}_{len(self.own_facts)}"
        self.own_facts[column] = fact
        return column

    @cached_property
    def coded(self) -> Mapping[str, Numbered]:
        """For each field of few values: the column of its numbers, and the values themselves.

        The slots for modifiers share one list of values.
        """
        fields = [name for name in FIELDS if name in LISTED and FIELDS[name].kind != "date"]
        none = pl.Series([], dtype=pl.String)
        return {
            name: Numbered(
                f"{name}__no",
                self.profile.values.get("modifier" if name in MODIFIERS else name, none),
            )
            for name in fields
        }

    @cached_property
    def dx_flags(self) -> Numbered:
        """Where the lines hold the number of what their diagnoses are, and all words of flags."""
        codes = pl.concat(self.coded[field].values for field in DIAGNOSES)
        return Numbered("dx_flags__no", dx.words(self.reference["diagnosis_support"], codes))

    @property
    def dx_all_flags(self) -> Numbered:
        """The same for all diagnoses of the line, whichever it points to."""
        return Numbered("dx_all_flags__no", self.dx_flags.values)

    def numbered(self, fields: Iterable[str], lines: pl.LazyFrame) -> pl.LazyFrame:
        """The lines with the number columns of some of the `coded` fields."""
        there = lines.collect_schema()
        return lines.with_columns(
            self._numbers[field] for field in fields if self.coded[field].column not in there
        )

    @cached_property
    def _numbers(self) -> Mapping[str, pl.Expr]:
        return {
            field: (
                number_of(pl.col(field), cells.values)
                if len(cells.values)
                else pl.lit(0, pl.UInt32)
            ).alias(cells.column)
            for field, cells in self.coded.items()
        }

    def code_in(self, *codes: str) -> pl.Expr:
        """Whether the line's HCPCS code is one of `codes`."""
        return self.codes.any(codes)

    def has_modifier(self, *modifiers: str) -> pl.Expr:
        """Whether one of the modifiers is on the line."""
        return self.modifiers.any(modifiers)

    def count_modifiers(self, *modifiers: str) -> pl.Expr:
        """How many different ones of the modifiers are on the line (UInt32)."""
        return self.modifiers.count(modifiers)

    def among(self, field: str, values: Iterable[str]) -> pl.Expr:
        """Whether a field of few values holds one of these; false where it is blank."""
        cells = self.coded[field]
        return cells.fact(cells.values.is_in(list(values)), blank=False)

    def raw(self, field: str) -> pl.Expr:
        """The text of a cell that could not be read as it stood, else null (String)."""
        column = f"{field}__raw"
        kept = field in self.profile.unread
        return pl.col(column) if kept else pl.lit(None, pl.String).alias(column)

    def present(self, field: str) -> pl.Expr:
        """Whether a field or fact is there and could be read."""
        if field == "service_from_date":
            return pl.col(ERA).is_not_null()
        if field in self.coded:
            cells = self.coded[field]
            return pl.col(cells.column) < len(cells.values)
        return pl.col(field).is_not_null()

    def maps(self, field: str) -> pl.Expr:
        """Whether the line's file has the field at all."""
        files = self.profile.files_mapping(field)
        if len(files) == len(self.profile.files):
            return pl.lit(True)
        return file_number(pl.col("line_id")).is_in(files) if files else pl.lit(False)

    @cached_property
    def original_medicare(self) -> pl.Expr:
        """Whether the payer is Original Medicare (fee for service)."""
        return self.of_business("medicare_ffs")

    def of_business(self, *lines_of_business: str) -> pl.Expr:
        """Whether the line of business is one of these; false where it is not known."""
        known = self.payer_facts["lob"]
        return known.fact(known.values.is_in(lines_of_business).fill_null(False), blank=False)

    @property
    def dme(self) -> pl.Expr:
        """Whether the code is durable medical equipment, or a supply or drug used with it."""
        return pl.col("code_dme")

    @property
    def span_days(self) -> pl.Expr:
        """Days from the first to the last date of service, both included (Int32)."""
        first, last = pl.col("service_from_date"), pl.col("service_to_date")
        return last.to_physical() - first.to_physical() + 1

    @property
    def billed_days(self) -> pl.Expr:
        """Days that the line's units are for (Int32): as supplied, else a span of dates; null where
        neither is said."""
        supply, span = pl.col("days_supply"), self.span_days
        return pl.coalesce(pl.when(supply > 0).then(supply), pl.when(span > 1).then(span))

    @property
    def is_original(self) -> pl.Expr:
        """Whether the line is on an original claim: neither replacement nor void."""
        return ~self.among("claim_frequency_code", (REPLACEMENT, VOID))

    def medicare_else(self, medicare: str, other: str) -> pl.Expr:
        """A text that differs between Original Medicare and every other payer."""
        return pl.when(self.original_medicare).then(pl.lit(medicare)).otherwise(pl.lit(other))

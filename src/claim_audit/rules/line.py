"""What a rule can say of a claim line, in the field's words.

A `Line` hands out expressions. Sets of codes and of modifiers are tested on integer bit words:
every code and modifier that some rule or policy names gets a bit when it is first named, and
the facts (see `engine.facts`) give each line its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import polars as pl

from claim_audit.contract.mapping import file_number
from claim_audit.rules.families import PUMP_THERAPY

if TYPE_CHECKING:
    from claim_audit.reference.tables import Reference
    from claim_audit.rules.profile import Profile

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

    def code_in(self, *codes: str) -> pl.Expr:
        """Whether the line's HCPCS code is one of `codes`."""
        return self.codes.any(codes)

    def has_modifier(self, *modifiers: str) -> pl.Expr:
        """Whether one of the modifiers is on the line."""
        return self.modifiers.any(modifiers)

    def count_modifiers(self, *modifiers: str) -> pl.Expr:
        """How many different ones of the modifiers are on the line (UInt32)."""
        return self.modifiers.count(modifiers)

    def maps(self, field: str) -> pl.Expr:
        """Whether the line's file has the field at all."""
        files = self.profile.files_mapping(field)
        if len(files) == len(self.profile.files):
            return pl.lit(True)
        return file_number(pl.col("line_id")).is_in(files) if files else pl.lit(False)

    @property
    def original_medicare(self) -> pl.Expr:
        """Whether the payer is Original Medicare (fee for service)."""
        return pl.col("lob").eq_missing(pl.lit("medicare_ffs"))

    @property
    def dme(self) -> pl.Expr:
        """Whether the code is durable medical equipment, or a supply or drug used with it."""
        return pl.col("code_dme")

    @property
    def span_days(self) -> pl.Expr:
        """Days from the first to the last date of service, both included (Int64)."""
        return (pl.col("service_to_date") - pl.col("service_from_date")).dt.total_days() + 1

    @property
    def is_original(self) -> pl.Expr:
        """Whether the line is on an original claim: neither replacement nor void."""
        return ~pl.col("claim_frequency_code").is_in(["7", "8"]).fill_null(False)

    def medicare_else(self, medicare: str, other: str) -> pl.Expr:
        """A text that differs between Original Medicare and every other payer."""
        return pl.when(self.original_medicare).then(pl.lit(medicare)).otherwise(pl.lit(other))

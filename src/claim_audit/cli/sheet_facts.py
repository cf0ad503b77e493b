"""What the parts of a code's sheet are made of: facts, their sources, and the code asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from claim_audit.reference.tables import ANY, Reference
from claim_audit.rules import families
from claim_audit.rules.form import Rule

Row = Mapping[str, Any]

NOT_KNOWN = "not known"
PUMP_CODES = (*families.PUMP_THERAPY, *families.BATTERIES)
POLICIES = ("modifier_policies", "payer_policies")


@dataclass(frozen=True)
class Fact:
    """An answer: what it is about, what is so, by which rule or policy, and its sources."""

    name: str
    says: str
    sources: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True)
class About:
    """A code, the date of service it is looked at for, and where facts come from."""

    code: str
    on: date
    reference: Reference
    rules: tuple[Rule, ...]

    def rows(self, table: str, *conditions: pl.Expr, any_date: bool = False) -> Sequence[Row]:
        """Rows of a table that hold on the day, or on any day."""
        entries = self.reference[table]
        start, end, day = pl.col(entries.start), pl.col(entries.end), pl.lit(self.on)
        holds = (start.is_null() | (start <= day)) & (end.is_null() | (day <= end))
        return entries.frame.filter(pl.lit(any_date) | holds, *conditions).to_dicts()

    def policies(self, table: str, any_date: bool = False) -> Sequence[Row]:
        """Policy rows that name the code or all codes."""
        codes = pl.col("codes").list
        named = codes.contains(self.code) | codes.contains(ANY)
        return self.rows(table, named, any_date=any_date)

    @cached_property
    def entry(self) -> Row | None:
        """The code in the code table: the row in force, else the last one."""
        mine = pl.col("hcpcs_code") == self.code
        found = self.rows("hcpcs", mine) or self.rows("hcpcs", mine, any_date=True)[-1:]
        return found[0] if found else None

    @cached_property
    def known(self) -> bool:
        """Whether any table names the code."""
        limits = self.rows("mue", pl.col("hcpcs_code") == self.code, any_date=True)
        named = [row for table in POLICIES for row in self.policies(table, any_date=True)]
        return bool(self.entry or limits or any(self.code in row["codes"] for row in named))

    @cached_property
    def is_pump_code(self) -> bool:
        """Whether the code belongs to pump therapy."""
        return self.code in PUMP_CODES

    def param(self, rule_id: str) -> Mapping[str, Any]:
        """The parameters of a rule that judges the code; none where there is no such rule."""
        return next(
            (r.params for r in self.rules if r.id == rule_id and self.code in (*r.codes,)), {}
        )


def sources_of(*rows: Row) -> tuple[str, ...]:
    """The distinct sources of reference rows, each with its confidence."""
    return tuple(dict.fromkeys(f"{row['source']}; {row['confidence']}" for row in rows))


def units(number: int) -> str:
    """A number of units."""
    return f"{number} unit" if number == 1 else f"{number} units"


def interval(row: Row, start: str = "valid_from", end: str = "valid_to") -> str:
    """The days on which a row holds, in words."""
    first, last = row[start], row[end]
    if first and last:
        return f"{first} to {last}"
    return f"from {first}" if first else f"until {last}" if last else "on any date"

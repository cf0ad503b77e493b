"""Payer requirements as rows of data: which row binds a line, and what that row wants.

Of the rows of a rule that fit a line (payer, line of business, licensee, code, date of service,
receipt date) the most specific one binds; among equals the one that began last.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import polars as pl
from polars._typing import PolarsDataType

from claim_audit.lookup import Numbered
from claim_audit.reference.tables import ANY
from claim_audit.rules import words
from claim_audit.rules.form import Finding
from claim_audit.rules.line import Line, all_of

Row = Mapping[str, Any]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Policies:
    """Policy rows of a rule, and which of them binds a line.

    Attributes:
        table: the table they are from.
        rows: the one that binds first in front.
        number: where the lines hold the place of the row that binds them; null where none fits.
    """

    table: str
    rows: Sequence[Row]
    number: Numbered

    @classmethod
    def of(cls, line: Line, table: str, rows: Sequence[Row]) -> Policies:
        """These rows, made known to the line."""
        number = reduce(
            lambda otherwise, n: pl.when(fits(line, rows[n])).then(n).otherwise(otherwise),
            reversed(range(len(rows))),
            pl.lit(len(rows), pl.UInt32),
        )
        ids = pl.Series([row["policy_id"] for row in rows], dtype=pl.String)
        return cls(table, rows, Numbered(line.named("policy", number.cast(pl.UInt32)), ids))

    @classmethod
    def of_rule(cls, line: Line, table: str, rule_id: str) -> Policies:
        """All rows of a rule, made known to the line."""
        return cls.of(line, table, rows(line, table, rule_id))

    @property
    def bind(self) -> pl.Expr:
        """Whether any row fits the line."""
        return pl.col(self.number.column) < len(self.rows)

    def value(self, value: Callable[[Row], object], dtype: PolarsDataType) -> pl.Expr:
        """What a row holds, of the one that binds the line; null where none fits."""
        return self.number.fact(pl.Series([value(row) for row in self.rows], dtype=dtype))

    def said(self, key: str) -> pl.Expr:
        """A text column of the row that binds the line."""
        return self.value(lambda row: row[key], pl.String)

    @property
    def citation(self) -> pl.Expr:
        """Table, row and release of the policy that binds the line."""
        return self.value(
            lambda row: f"{self.table} {row['release']}, {row['policy_id']}", pl.String
        )

    def each(self, key: Callable[[Row], K], wanted: Callable[[K], pl.Expr]) -> pl.Expr:
        """What is `wanted` by the row that binds the line, worked out once for rows of one key."""
        keys = [key(row) for row in self.rows]
        return reduce(
            lambda otherwise, one: (
                pl.when(self.number.fact(pl.Series([other == one for other in keys]), blank=False))
                .then(wanted(one))
                .otherwise(otherwise)
            ),
            dict.fromkeys(keys),
            pl.lit(None),
        )


def rows(line: Line, table: str, rule_id: str) -> Sequence[Row]:
    """The policy rows of a rule, the one that binds first in front."""
    frame = line.reference[table].frame.filter(pl.col("rule_id") == rule_id)
    order = ["specificity", "dos_from", "policy_id"]
    return frame.sort(order, descending=[True, True, False], nulls_last=True).to_dicts()


def fits(line: Line, row: Row) -> pl.Expr:
    """Whether a policy row fits the line. A missing receipt date is taken as the service date.

    A row with `bearing` fits only a line that bears one of these modifiers.
    """
    return all_of(_conditions(line, row)).fill_null(False)


def _conditions(line: Line, row: Row) -> Iterator[pl.Expr]:
    for column, value in (
        ("payer", row["payer"]),
        ("lob", row["line_of_business"]),
        ("licensee", row.get("licensee", ANY)),
    ):
        if value != ANY:
            yield pl.col(column) == value
    if ANY not in row["codes"]:
        yield line.code_in(*row["codes"])
    if row.get("bearing"):
        yield line.has_modifier(*row["bearing"])
    if row["dos_from"]:
        yield line.eras.since(row["dos_from"])
    if row["dos_to"]:
        yield line.eras.until(row["dos_to"])
    if row["received_from"]:
        yield line.receipt_eras.since(row["received_from"])
    if row["received_to"]:
        yield line.receipt_eras.until(row["received_to"])


REQUIREMENTS: Mapping[str, Callable[[Line, Sequence[str], Sequence[str]], pl.Expr]] = {
    "require_any": lambda line, modifiers, unless: ~line.has_modifier(*modifiers, *unless),
    "require_all": lambda line, modifiers, _: line.count_modifiers(*modifiers) < len(modifiers),
    "at_most_one": lambda line, modifiers, _: line.count_modifiers(*modifiers) > 1,
    "forbid": lambda line, modifiers, _: line.has_modifier(*modifiers),
}
"""When a modifier requirement is broken, by its modifiers and those that do instead."""

WANTED = {
    "require_any": "one of {}",
    "require_all": "all of {}",
    "at_most_one": "at most one of {}",
    "forbid": "none of {}",
}


def modifier_finding(line: Line, rule_id: str) -> Finding:
    """The finding of a rule whose content is rows of the modifier policies.

    A row that forbids modifiers speaks only of lines that bear one of them: several such rows
    hold side by side, and the most specific of those that speak of a line binds it.
    """
    given = rows(line, "modifier_policies", rule_id)
    speaking = Policies.of(
        line,
        "modifier_policies",
        [
            {**row, "bearing": row["modifiers"]} if row["requirement"] == "forbid" else row
            for row in given
        ],
    )
    broken = speaking.each(
        lambda row: (row["requirement"], tuple(row["modifiers"]), tuple(row["unless"])),
        lambda worn: REQUIREMENTS[worn[0]](line, *worn[1:]),
    )
    return Finding(
        population=Policies.of(line, "modifier_policies", given).bind,
        violation=broken.fill_null(False),
        message=speaking.said("text"),
        observed=words.modifiers(),
        expected=speaking.value(
            lambda row: WANTED[row["requirement"]].format(" ".join(row["modifiers"])), pl.String
        ),
        severity=speaking.said("severity"),
        reference=speaking.citation,
    )

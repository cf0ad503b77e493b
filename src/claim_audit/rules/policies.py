"""Payer requirements as rows of data: which row binds a line, and what that row wants.

Of the rows of a rule that fit a line (payer, line of business, licensee, code, date of service,
receipt date) the most specific one binds; among equals the one that began last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import polars as pl

from claim_audit.reference.tables import ANY
from claim_audit.rules import words
from claim_audit.rules.form import Finding
from claim_audit.rules.line import Line, all_of, any_of

Row = Mapping[str, Any]


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
    received = pl.coalesce("received_date", "service_from_date")
    if row["received_from"]:
        yield received >= row["received_from"]
    if row["received_to"]:
        yield received <= row["received_to"]


def binding(line: Line, policies: Sequence[Row], value: Callable[[Row], pl.Expr]) -> pl.Expr:
    """`value` of the row that binds the line; null where none fits."""
    return reduce(
        lambda otherwise, row: pl.when(fits(line, row)).then(value(row)).otherwise(otherwise),
        reversed(policies),
        pl.lit(None),
    )


def said(line: Line, policies: Sequence[Row], key: str) -> pl.Expr:
    """A text column of the row that binds the line."""
    return binding(line, policies, lambda row: pl.lit(row[key], pl.String))


def citation(line: Line, policies: Sequence[Row], table: str) -> pl.Expr:
    """Table, row and release of the policy that binds the line."""
    return binding(
        line, policies, lambda row: pl.lit(f"{table} {row['release']}, {row['policy_id']}")
    )


def binds(line: Line, policies: Sequence[Row]) -> pl.Expr:
    """Whether any row fits the line."""
    return any_of(fits(line, row) for row in policies)


REQUIREMENTS: Mapping[str, Callable[[Line, Row], pl.Expr]] = {
    "require_any": lambda line, row: ~line.has_modifier(*row["modifiers"], *row["unless"]),
    "require_all": lambda line, row: (
        line.count_modifiers(*row["modifiers"]) < len(row["modifiers"])
    ),
    "at_most_one": lambda line, row: line.count_modifiers(*row["modifiers"]) > 1,
    "forbid": lambda line, row: line.has_modifier(*row["modifiers"]),
}
"""When a modifier requirement is broken."""

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
    policies = rows(line, "modifier_policies", rule_id)
    speaking = [
        {**row, "bearing": row["modifiers"]} if row["requirement"] == "forbid" else row
        for row in policies
    ]
    broken = binding(line, speaking, lambda row: REQUIREMENTS[row["requirement"]](line, row))
    return Finding(
        population=binds(line, policies),
        violation=broken.fill_null(False),
        message=said(line, speaking, "text"),
        observed=words.modifiers(),
        expected=binding(
            line,
            speaking,
            lambda row: pl.lit(WANTED[row["requirement"]].format(" ".join(row["modifiers"]))),
        ),
        severity=said(line, speaking, "severity"),
        reference=citation(line, speaking, "modifier_policies"),
    )

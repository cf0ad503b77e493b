"""The reference tables of claim-audit in the shape in which the rivals look things up.

Every modifier and payer policy has a bit. A payer, a code and a set of modifiers each have a
word: the policies that name them, or that they break. The policies that a line breaks are what
the words have in common, as far as its dates fit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from claim_audit.reference import payers
from claim_audit.reference.tables import ANY, Reference
from claim_audit.rules import families

POLICIES = ("CD-03", "DT-05", "DT-07", "MD-07", "MD-08", "MD-09", "MD-10", "MD-13", "MD-14")
"""Rules whose content is rows of the policy tables."""

PAYER_NAMES = ("payer_name", "plan_name", "line_of_business")
"""Columns of the sample that say who pays."""

PLACEHOLDERS = tuple(
    spell(word)
    for word in ("UNKNOWN", "UNK", "N/A", "NA", "NONE", "NULL", "NAN")
    for spell in (str.upper, str.lower, str.title)
) + tuple(digit * length for digit in "0123456789" for length in range(6, 21))
"""What stands for an identifier that is not known (DQ-08)."""

NO_DAYS = (date(1900, 1, 1), date(9999, 12, 31))
"""What stands for a date that is not known (DQ-08)."""

INSTITUTIONS = ("21", "31", "32", "51", "61")
"""Places of service in which no equipment is billed (PS-02)."""

MBI = (
    "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
    "[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)
HICN = "[0-9]{9}[A-Z][0-9A-Z]?"
MBI_ONLY_FROM = date(2020, 1, 1)
ICD_10_FROM = date(2015, 10, 1)
HCPCS = "[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]"
ICD_10 = "[A-Z][0-9][0-9A-Z](?:[.]?[0-9A-Z]{1,4})?"
GLUED = "([A-Z][0-9]{4})[-: ]?([A-Z0-9]{2}(?:[-: ,]?[A-Z0-9]{2})*)"
"""A code with modifiers glued to it."""


@dataclass(frozen=True)
class Facts:
    """The reference tables, by what they say of a value."""

    reference: Reference

    @classmethod
    def load(cls) -> Facts:
        """The tables of the package."""
        return cls(Reference.load())

    @cached_property
    def policies(self) -> list[dict[str, Any]]:
        """The policy rows with their `bit`, the more specific row of a rule first."""
        rows = [
            row
            for table in ("payer_policies", "modifier_policies")
            for row in self.reference[table].frame.iter_rows(named=True)
            if row["rule_id"] in POLICIES and row.get("network") != "out"
        ]
        rows.sort(key=lambda row: (row["rule_id"], -row["specificity"]))
        return [{**row, "bit": 1 << number} for number, row in enumerate(rows)]

    def policies_of(self, rule_id: str) -> list[dict[str, Any]]:
        """The policy rows of a rule."""
        return [row for row in self.policies if row["rule_id"] == rule_id]

    @property
    def codes(self) -> pl.DataFrame:
        """`hcpcs_code`, `valid_from`, `valid_to` (null: open), `dme`, a row per listed code."""
        code, price = pl.col("hcpcs_code"), pl.col("price_indicator")
        in_section = code.str.slice(0, 1).is_in(families.DME_SECTIONS)
        return self.reference["hcpcs"].frame.select(
            "hcpcs_code",
            "valid_from",
            "valid_to",
            (
                code.is_in(families.DME_NAMED)
                | price.is_in(families.DME_PRICED)
                | (in_section & ~price.is_in(families.NOT_DME_PRICED))
            )
            .fill_null(False)
            .alias("dme"),
        )

    def policies_for_code(self, code: str | None) -> int:
        """The policies that name a code, or all codes."""
        return sum(row["bit"] for row in self.policies if {code, ANY} & set(row["codes"]))

    @property
    def modifiers(self) -> pl.DataFrame:
        """`modifier`, `filler`, `valid_from` and `valid_to` (never null)."""
        return self.reference["modifiers"].frame.select(
            "modifier",
            (pl.col("kind") == "placeholder").alias("filler"),
            pl.col("valid_from").fill_null(date.min),
            pl.col("valid_to").fill_null(date.max),
        )

    def broken_by(self, modifiers: Collection[str]) -> int:
        """The policies that a line with these modifiers breaks; all that ask for none."""
        return sum(row["bit"] for row in self.policies if _broken(row, set(modifiers)))

    @property
    def places(self) -> pl.DataFrame:
        """`place_of_service`, `assigned`, `home`."""
        return self.reference["places_of_service"].frame.select(
            "place_of_service", "assigned", pl.col("medicare_dme_home").alias("home")
        )

    @property
    def mue(self) -> pl.DataFrame:
        """`setting`, `hcpcs_code`, `payer`, `mue_value`, `mai`, and the days `begun` to `until`.

        A value stands in for the current one until the next one begins.
        """
        keys = ["edition", "hcpcs_code", "payer"]
        later = pl.col("valid_from").shift(-1).over(keys, order_by="valid_from")
        return self.reference["mue"].frame.select(
            pl.col("edition").alias("setting"),
            "hcpcs_code",
            "payer",
            "mue_value",
            "mai",
            pl.col("valid_from").fill_null(date.min).alias("begun"),
            later.dt.offset_by("-1d").fill_null(date.max).alias("until"),
        )

    @property
    def listed_diagnoses(self) -> list[str]:
        """The diagnoses on Medicare's list for pumps, without dots."""
        support = self.reference["diagnosis_support"].frame
        return support.filter(support="medicare_group1")["diagnosis_code"].to_list()

    def payers(self, names: pl.DataFrame) -> pl.DataFrame:
        """Distinct rows of `PAYER_NAMES` with `payer`, `lob` and their word of `policies`."""
        found = payers.resolve(names, self.reference)
        words = [
            sum(row["bit"] for row in self.policies if _names(row, party))
            for party in found.iter_rows(named=True)
        ]
        return found.select(*PAYER_NAMES, "payer", "lob").with_columns(
            pl.Series("policies", words, dtype=pl.Int64)
        )


def _names(policy: Mapping[str, Any], party: Mapping[str, Any]) -> bool:
    wanted = {
        "payer": policy["payer"],
        "lob": policy["line_of_business"],
        "licensee": policy.get("licensee", ANY),
    }
    return all(value in (ANY, party[name]) for name, value in wanted.items())


def _broken(policy: Mapping[str, Any], modifiers: set[str]) -> bool:
    named = set(policy.get("modifiers") or ())
    match policy.get("requirement"):
        case "require_any":
            return not modifiers & (named | set(policy["unless"] or ()))
        case "require_all":
            return not named <= modifiers
        case "at_most_one":
            return len(modifiers & named) > 1
        case "forbid":
            return bool(modifiers & named)
    return True

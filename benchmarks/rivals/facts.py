"""The reference tables of claim-audit in the shape in which the rivals look things up.

Every modifier and payer policy has a bit. A payer, a code and a set of modifiers each have a
word: the policies that name them, or that they break. The policies that a line breaks are what
the words have in common, as far as its dates fit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from benchmarks.rivals.shared import PAYER_NAMES
from claim_audit.reference import payers
from claim_audit.reference.tables import ANY, Reference
from claim_audit.rules import families

POLICIES = ("CD-03", "DT-05", "DT-07", "MD-07", "MD-08", "MD-09", "MD-10", "MD-13", "MD-14")
"""Rules whose content is rows of the policy tables."""

PLACEHOLDERS = tuple(
    spell(word)
    for word in ("UNKNOWN", "UNK", "N/A", "NA", "NONE", "NULL", "NAN")
    for spell in (str.upper, str.lower, str.title)
) + tuple(digit * length for digit in "0123456789" for length in range(6, 21))
"""What stands for an identifier that is not known (DQ-08)."""

NO_DAYS = (date(1900, 1, 1), date(9999, 12, 31))
"""What stands for a date that is not known (DQ-08)."""

DIABETES = ("E08", "E09", "E10", "E11", "E12", "E13", "O24")
"""Families of diagnoses that a pump is for."""

STATUS = ("Z794", "Z9641")
"""Diagnoses that say no more than that insulin is used or a pump is there."""

SETTINGS = {
    "PRACTITIONER": "practitioner",
    "OUTPATIENT_HOSPITAL": "outpatient_hospital",
    "INSTITUTIONAL": "outpatient_hospital",
}
"""Claim types to the setting whose MUE edition applies; any other is a DME supplier's."""

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

    @cached_property
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

    @cached_property
    def _codes(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["hcpcs_code"]: row for row in self.codes.iter_rows(named=True)}

    def of_code(self, cell: str | None) -> dict[str, Any]:
        """What is known of a cell that holds a HCPCS code, perhaps with modifiers glued to it."""
        bare = cell.strip().upper() if cell else None
        glued = re.fullmatch(GLUED, bare) if bare else None
        code = glued[1] if glued else bare
        listed = self._codes.get(code) if code else None
        in_section = bool(code) and code[0] in families.DME_SECTIONS
        return {
            "code": code,
            "glued": bool(glued),
            "misshapen": bool(code) and not re.fullmatch(HCPCS, code),
            "code_begun": listed["valid_from"] if listed else None,
            "code_ended": listed["valid_to"] if listed else None,
            "dme": listed["dme"] if listed else in_section,
            "pump_therapy": code in families.PUMP_THERAPY,
            "pump_fill": code in families.PUMP_FILL,
            "insulin": code in families.INSULIN,
            "code_policies": self.policies_for_code(code),
        }

    def policies_for_code(self, code: str | None) -> int:
        """The policies that name a code, or all codes."""
        return sum(row["bit"] for row in self.policies if {code, ANY} & set(row["codes"]))

    @cached_property
    def modifiers(self) -> pl.DataFrame:
        """`modifier`, `filler`, `valid_from` and `valid_to` (never null)."""
        return self.reference["modifiers"].frame.select(
            "modifier",
            (pl.col("kind") == "placeholder").alias("filler"),
            pl.col("valid_from").fill_null(date.min),
            pl.col("valid_to").fill_null(date.max),
        )

    @cached_property
    def _modifiers(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["modifier"]: row for row in self.modifiers.iter_rows(named=True)}

    def of_modifiers(self, slots: Iterable[str | None], code_cell: str | None) -> dict[str, Any]:
        """What is known of the modifiers of a line, those glued to its code included."""
        glued = re.fullmatch(GLUED, code_cell.strip().upper()) if code_cell else None
        worn = [slot.strip().upper() for slot in slots if slot]
        worn += re.findall("[A-Z0-9]{1,2}", glued[2]) if glued else []
        listed = [self._modifiers[modifier] for modifier in worn if modifier in self._modifiers]
        fillers = {row["modifier"] for row in listed if row["filler"]}
        real = sorted(modifier for modifier in worn if modifier not in fillers)
        return {
            "unknown_modifier": len(listed) < len(worn),
            "filler": bool(fillers),
            "repeated_modifier": len(set(real)) < len(real),
            "modifiers_begun": max((row["valid_from"] for row in listed), default=date.min),
            "modifiers_ended": min((row["valid_to"] for row in listed), default=date.max),
            "modifier_content": " ".join(real),
            "jk": "JK" in worn,
            "jl": "JL" in worn,
            "broken_policies": self.broken_by(worn),
        }

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

    @cached_property
    def listed_diagnoses(self) -> list[str]:
        """The diagnoses on Medicare's list for pumps, without dots."""
        support = self.reference["diagnosis_support"].frame
        return support.filter(support="medicare_group1")["diagnosis_code"].to_list()

    def of_diagnoses(self, cells: Iterable[str | None]) -> dict[str, bool]:
        """What is known of the diagnoses of a line."""
        codes = [code for code in cells if code]
        bare = [code.replace(".", "") for code in codes]
        shaped = [code for code in codes if re.fullmatch(ICD_10, code)]
        mixed = any("." in code for code in codes) and any(
            len(code) > 3 and "." not in code for code in shaped
        )
        return {
            "diagnosed": bool(codes),
            "diabetes": any(code[:3] in DIABETES for code in bare),
            "listed": not set(self.listed_diagnoses).isdisjoint(bare),
            "status_only": bool(codes) and all(code in STATUS for code in bare),
            "misshapen_diagnosis": len(shaped) < len(codes) or mixed,
        }

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


def npi_holds(npi: str) -> bool:
    """Whether an NPI has its shape and check digit."""
    if not re.fullmatch("[12][0-9]{9}", npi):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in npi[::2])
    return (24 + sum(doubled) + sum(map(int, npi[1::2]))) % 10 == 0


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

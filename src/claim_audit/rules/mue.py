"""Medically unlikely edits (MUE): the most units of a code that a payer takes a day.

The edition follows the setting of the claim, the quarter follows the date of service. NCCI
publishes a table for every quarter. Where the loaded table ended before the date of service, the
last value of the code stands in for the current one and what rests on it is a warning; a table
that is complete for that day (one the user loaded) is taken at its word instead: the code has no
edit any more. Before the first table, and for a payer without one, there is no reference.

Source: CMS, NCCI policy manual and MUE files (DME supplier, practitioner and outpatient hospital
editions); the slice in the package is that of 2024-07-01.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from claim_audit.rules import words
from claim_audit.rules.eras import ERA
from claim_audit.rules.line import Line

KEYS: Final = ("setting__no", "hcpcs_code__no", "payer__no", ERA)
"""Columns of a line that find the edit."""

FACTS: Final = (
    "mue_value",
    "mue_mai",
    "mue_lapsed",
    "mue_valid_from",
    "mue_valid_to",
    "mue_release",
)
"""`mue_value` (units; null: no reference), `mue_mai` (how it is applied: 1 to a line, 2 and 3 to
a day), `mue_lapsed` (Boolean: the row ended before the date of service), its interval and
release."""

PER_LINE: Final = 1
PER_DAY: Final = {2: "absolute", 3: "reviewable"}
"""MUE adjudication indicators. 2 rests on statute or on the meaning of the code and is not
overridden; 3 is a clinical benchmark, and more units are paid where records support them."""

BOUND_LINES_OF_BUSINESS: Final = ("medicare_ffs", "medicaid_managed")
"""Lines of business that NCCI edits bind; other payers take them over as they see fit."""


def look_up(line: Line) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """What adds `FACTS` to lines, which have `KEYS`."""
    look_up = line.reference["mue"].looked_up(
        {
            "edition": line.setting,
            "hcpcs_code": line.coded["hcpcs_code"],
            "payer": line.payer_facts["payer"],
        },
        ERA,
        ["mue_value", "mai", "valid_from", "valid_to", "release"],
        "mue_",
        lasting=["mue_value", "mai"],
    )
    lapsed = (pl.col("mue_valid_to") < pl.col(ERA)).fill_null(False)
    usable = pl.col("mue_in_force") | (lapsed & ~pl.col("mue_covered"))
    facts = [
        pl.when(usable).then("mue_mue_value").alias("mue_value"),
        pl.when(usable).then("mue_mai").alias("mue_mai"),
        lapsed.alias("mue_lapsed"),
    ]
    spare = ["mue_mue_value", "mue_known", "mue_in_force", "mue_covered"]
    return lambda lines: look_up(lines).with_columns(facts).drop(spare)


def severity(line: Line) -> pl.Expr:
    """An error where the edit is in force and binds the payer, else a warning."""
    binding = ~pl.col("mue_lapsed") & line.of_business(*BOUND_LINES_OF_BUSINESS)
    return pl.when(binding).then(pl.lit("error")).otherwise(pl.lit("warning"))


def citation() -> pl.Expr:
    """Release, interval and edition, and that the release lapsed where it did."""
    row = pl.concat_str(words.interval("mue", "mue_"), pl.lit(", edition "), "setting")
    lapsed = pl.format(
        "{}; lapsed on {}, before the date of service: load the current file",
        row,
        words.day(pl.col("mue_valid_to")),
    )
    return pl.when("mue_lapsed").then(lapsed).otherwise(row)


def limit() -> pl.Expr:
    """The edit in words: how many units, of what, and whether more can be paid."""
    per_day = pl.col("mue_mai").replace_strict(PER_DAY, default=None, return_dtype=pl.String)
    return pl.coalesce(
        pl.format("at most {} a day of service (MAI {}, {})", "mue_value", "mue_mai", per_day),
        pl.format("at most {} on a line (MAI {})", "mue_value", "mue_mai"),
    )

"""A modifier is not valid on the date of service.

What it checks
    The first date of service lies between the day on which the modifier was added and the day on
    which it ended, both included. CPT modifiers have no dates in the list and always pass. What
    is not in the list at all is the matter of MD-01.

Why it matters
    A modifier that had ended, or did not exist yet, makes the line unprocessable.

Example
    GD after 2019-12-31; JL before 2023-04-01.

Source
    CMS HCPCS Level II file, 2026-01 (add and termination dates of the modifier records).

Known false positives
    Payers that take a modifier for some weeks after it ended.
"""

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line
from claim_audit.rules.mod import Mod

RULE = Rule(
    id="MD-06",
    name="modifiers.out-of-force",
    title="Modifier is not valid on the date",
    severity="error",
    reads=("service_from_date",),
    needs=("modifier_1",),
    uses=MODIFIERS,
    tables=("modifiers",),
    source=Source("CMS HCPCS Level II file, modifier records", "2026-01"),
)


@RULE.line
def out_of_force(line: Line, p: Params) -> Finding:
    table = line.reference["modifiers"]
    intervals = table.frame.group_by("modifier").agg(
        pl.format("{} to {}", words.day(pl.col("valid_from")), words.day(pl.col("valid_to")))
        .sort_by("valid_from")
        .str.join(" and ")
        .alias("interval")
    )
    out = Mod.OUT_OF_FORCE
    valid = [
        pl.when(out.on(f"{slot}_flags")).then(
            pl.format(
                "{} from {}",
                slot,
                pl.col(slot).replace_strict(
                    intervals["modifier"],
                    intervals["interval"],
                    default=None,
                    return_dtype=pl.String,
                ),
            )
        )
        for slot in MODIFIERS
    ]
    return Finding(
        population=Mod.KNOWN.on() | ~line.maps("modifier_1"),
        violation=out.on(),
        message="a modifier is not in force on the date of service",
        observed=pl.format("{} on {}", out.named(), "service_from_date"),
        expected=pl.concat_str(valid, separator=", ", ignore_nulls=True),
        reference=pl.lit(f"modifiers {table.release}"),
    )

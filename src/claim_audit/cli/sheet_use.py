"""What one billed unit of a code is, and how many of them are to be expected."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from claim_audit.cli.sheet_facts import NOT_KNOWN, About, Fact, interval, sources_of
from claim_audit.rules import families
from claim_audit.rules.candidates import BOXES, VIALS

SPANS = (30, 90)
"""Days of the fills that pump supplies come in."""

OCCASIONS = ("interim supply after a pump was replaced", "resumed therapy after a hospital stay")
"""What references name as reasons for a fill, beside the refill."""


def unit(about: About) -> Iterator[Fact]:
    """The unit of measure, and the step that units go up in."""
    row = about.entry
    if row is None or not row["unit_of_measure"]:
        yield Fact("unit", NOT_KNOWN)
        return
    yield Fact("unit", row["unit_of_measure"], sources_of(row))
    factor, counted = row["unit_factor"], row["unit_factor_of"]
    if factor and counted != "each":
        yield Fact("1 billed unit", f"{factor} {counted}; billed in steps of it", sources_of(row))
    if about.code in families.INSULIN:
        insulin = VIALS.times * families.INSULIN_UNITS_PER_UNIT
        yield Fact(
            "a 10 mL vial of U-100",
            f"{insulin} insulin units, {VIALS.times} billed units",
            by="rule UN-07",
        )
    if about.param("UN-12"):
        yield Fact("a box", f"{BOXES.times} where supplies come in boxes of ten", by="rule UN-12")


def expected(about: About) -> Iterator[Fact]:
    """Units per fill by the rules that judge them, what occasions a fill, and what runs show."""
    yield from _per_span(about)
    refills = [
        row
        for row in about.policies("payer_policies")
        if row["topic"] in {"refill_delivery", "dispense_limit", "quantity_limit"}
    ]
    for row in refills:
        yield Fact(
            f"refill, {row['payer'].replace('*', 'any payer')}",
            row["text"],
            sources_of(row),
            row["policy_id"],
        )
    if not refills:
        yield Fact("refill", NOT_KNOWN)
    durations = about.rows("modifiers", pl.col("group") == "drug_supply_duration")
    if about.code in families.INSULIN:
        for row in durations:
            yield Fact(
                f"a fill with {row['modifier']}",
                f"{row['meaning']}; {interval(row)}",
                sources_of(row),
            )
    yield from (Fact(occasion, NOT_KNOWN) for occasion in OCCASIONS)


def _per_span(about: About) -> Iterator[Fact]:
    row = about.entry
    if sets := about.param("UN-14"):
        low, high = sets["expected_from"], sets["expected_to"]
        rule = f"rule UN-14, {low:.2f} to {high:.2f} a day"
        yield Fact("change", f"every {1 / high:.0f} to {1 / low:.0f} days", by=rule)
        for days in SPANS:
            yield Fact(f"in {days} days", f"{low * days:.0f} to {high * days:.0f} units", by=rule)
    elif dose := about.param("UN-05"):
        low, high = dose["warn_below"], dose["warn_above"]
        rule = f"rule UN-05, {low} to {high} insulin units a day"
        per_unit = families.INSULIN_UNITS_PER_UNIT
        for days in SPANS:
            fewest, most = (bound * days / per_unit for bound in (low, high))
            yield Fact(f"in {days} days", f"{fewest:g} to {most:g} units", by=rule)
    elif row and row["unit_factor_of"] == "days" and row["unit_factor"]:
        for days in SPANS:
            units = -(-days // row["unit_factor"])
            yield Fact(f"in {days} days", f"{units} units at most", sources_of(row))
    else:
        yield Fact("units per fill", NOT_KNOWN)

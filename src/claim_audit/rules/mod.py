"""What a modifier is, as flags on a line.

`modifier_n_flags` holds the flags of slot n, `modifier_flags` those of all slots.
"""

from __future__ import annotations

from datetime import date
from enum import IntFlag
from typing import TYPE_CHECKING

import polars as pl

from claim_audit.contract.cells import PLACEHOLDER_MODIFIERS
from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules.eras import ERA
from claim_audit.rules.line import any_of

if TYPE_CHECKING:
    from claim_audit.lookup import Numbered
    from claim_audit.rules.line import Line


class Mod(IntFlag):
    """What a modifier is; a placeholder is neither known nor unknown."""

    KNOWN = 1
    UNKNOWN = 2
    PLACEHOLDER = 4
    OUT_OF_FORCE = 8

    @property
    def flag(self) -> pl.Expr:
        """The flag itself (UInt8)."""
        return pl.lit(int(self), pl.UInt8)

    def on(self, flags: str = "modifier_flags") -> pl.Expr:
        """Whether one of the line's modifiers is this."""
        return pl.col(flags) & self.flag != 0

    def named(self) -> pl.Expr:
        """The modifiers that are this, each with its slot: ``YY in slot 1``."""
        return pl.concat_str(
            [
                pl.when(self.on(f"{slot}_flags")).then(pl.format("{} in slot {}", slot, pl.lit(n)))
                for n, slot in enumerate(MODIFIERS, 1)
            ],
            separator=", ",
            ignore_nulls=True,
        )


NEVER = {"from": date.max, "to": date.min}
"""An interval that holds no day."""


def facts(line: Line) -> pl.DataFrame:
    """What is known of every modifier in the batch, in the order of the profile's values.

    Columns: `value`, the bit words of `Line.modifiers`, `flags` (UInt8, see `Mod`), and the
    first and last day of each interval in the modifier table, `from_n` and `to_n`; both null for
    what is not in the table.
    """
    modifiers = line.coded[MODIFIERS[0]].values
    entries = line.reference["modifiers"].frame.rename({"modifier": "value"})
    fillers = {*entries.filter(kind="placeholder")["value"], *PLACEHOLDER_MODIFIERS}
    intervals = (
        entries.filter(pl.col("value").is_in(modifiers.implode()))
        .select(
            "value",
            pl.int_range(pl.len()).over("value").alias("nth"),
            pl.col("valid_from").fill_null(date.min).alias("from"),
            pl.col("valid_to").fill_null(date.max).alias("to"),
        )
        .pivot("nth", index="value", values=list(NEVER))
    )
    return (
        modifiers.to_frame("value")
        .join(line.modifiers.table(), on="value", how="left", maintain_order="left")
        .with_columns(
            pl.col(line.modifiers.columns).fill_null(0),
            pl.when(pl.col("value").is_in(sorted(fillers)))
            .then(Mod.PLACEHOLDER.flag)
            .when(pl.col("value").is_in(entries["value"].implode()))
            .then(Mod.KNOWN.flag)
            .otherwise(Mod.UNKNOWN.flag)
            .alias("flags"),
        )
        .join(
            intervals.with_columns(
                pl.col(f"^{name}_[0-9]+$").fill_null(day) for name, day in NEVER.items()
            ),
            on="value",
            how="left",
            maintain_order="left",
        )
    )


def flags(slot: Numbered, facts: pl.DataFrame) -> pl.Expr:
    """The flags (UInt8) of a slot's modifier in the era of the service, given `facts`."""
    day = pl.col(ERA)
    in_force = any_of(
        (slot.fact(facts[begun]) <= day)
        & (day <= slot.fact(facts[f"to_{begun.removeprefix('from_')}"]))
        for begun in facts.columns
        if begun.startswith("from_")
    )
    out = pl.when(~in_force).then(Mod.OUT_OF_FORCE.flag).otherwise(Mod(0).flag)
    return slot.fact(facts["flags"], blank=0) | out
